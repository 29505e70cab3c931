// One function per kind of statement; what is not known takes no lock worth a word.
#include "emitters/postgres_locks.h"

#include <algorithm>
#include <array>

#include "schemas/postgres_names.h"
#include "schemas/sql_words.h"

namespace tenon::postgres {
namespace {

/// Functions whose value is the same for all rows of one statement, so that a default needs no rewrite.
bool is_stable(std::string_view function) {
    constexpr std::array<std::string_view, 8> kStable{
        "now",  "current_setting", "transaction_timestamp", "statement_timestamp", "current_date", "to_timestamp", "lower",
        "upper"};
    return std::ranges::find(kStable, function) != kStable.end();
}

/// The reading of one statement.
class Costs {
public:
    Costs(std::string_view sql, const Schema& before) : words_(sql, Dialect::postgres), before_(before) {}

    StatementCost run() {
        if (words_.take("CREATE")) {
            create();
        } else if (words_.take("ALTER")) {
            alter();
        } else if (words_.take("DROP")) {
            drop();
        } else if (words_.take_all({"COMMENT", "ON"})) {
            comment();
        } else {
            rows();
        }
        return std::move(cost_);
    }

private:
    SqlWords words_;
    const Schema& before_;
    StatementCost cost_;

    const Table* known(const std::string& name) const { return find_table(before_, plain_name(name)); }

    void lock(const std::string& table, LockMode mode) {
        const Table* found = known(table);
        if (found == nullptr || mode == LockMode::none) return;
        const auto same = std::ranges::find(cost_.locks, found->full_name(), &TableLock::table);
        if (same == cost_.locks.end()) {
            cost_.locks.push_back({found->full_name(), mode});
        } else {
            same->mode = std::max(same->mode, mode);
        }
    }

    /// The work is worth a word only where there may be rows.
    void work(Work work) {
        if (!cost_.locks.empty()) cost_.work = std::max(cost_.work, work);
    }

    /// Its indexes, sequences, constraints and what belongs to them.
    static int parts_of(const Table& table) {
        const auto keys = table.uniques.size() + table.exclusions.size() + (table.primary_key ? 1U : 0U);
        const auto defaults = static_cast<std::size_t>(
            std::ranges::count_if(table.columns, [](const Column& c) { return c.default_value || c.identity || c.generated; }));
        return static_cast<int>(table.indexes.size() + 2 * keys + table.checks.size() + 5 * table.foreign_keys.size() +
                                defaults);
    }

    /// What references a table is locked with it when that goes.
    void lock_referenced(const Table& table) {
        for (const ForeignKey& key : table.foreign_keys) {
            if (const Table* parent = find_table(before_, key.referenced_table))
                lock(qualified(*parent), LockMode::access_exclusive);
        }
    }

    // -- CREATE

    void create() {
        words_.take_all({"OR", "REPLACE"});
        const bool temporary = words_.take("TEMP") || words_.take("TEMPORARY");
        words_.take("UNLOGGED");
        const bool unique = words_.take("UNIQUE");
        words_.take("CONSTRAINT");
        if (words_.take("INDEX")) return create_index();
        if (unique || temporary) return;
        if (words_.take("TABLE")) return create_table();
        if (words_.take("TRIGGER")) return on_table(LockMode::share_row_exclusive);
        if (words_.take("RULE") || words_.take("POLICY")) return on_table(LockMode::access_exclusive);
        if (words_.take("STATISTICS")) return on_table(LockMode::share_update_exclusive, "FROM");
        cost_.slots = 1;
    }

    void create_index() {
        const bool concurrently = words_.take("CONCURRENTLY");
        cost_.slots = 1;
        on_table(concurrently ? LockMode::share_update_exclusive : LockMode::share);
        work(Work::index);
    }

    /// The table named after ON.
    void on_table(LockMode mode, std::string_view preposition = "ON") {
        while (!words_.at_end() && !words_.take(preposition)) words_.skip();
        // CREATE RULE r AS ON UPDATE TO t
        if (words_.take("SELECT") || words_.take("INSERT") || words_.take("UPDATE") || words_.take("DELETE")) words_.take("TO");
        words_.take("ONLY");
        lock(words_.take_name(), mode);
    }

    void create_table() {
        words_.take_all({"IF", "NOT", "EXISTS"});
        words_.take_name();
        constexpr int kTableAndToast = 3;
        cost_.slots = kTableAndToast;
        if (words_.take_all({"PARTITION", "OF"})) lock(words_.take_name(), LockMode::access_exclusive);
        while (!words_.at_end()) {
            if (words_.take("REFERENCES")) {
                lock(words_.take_name(), LockMode::share_row_exclusive);
                cost_.slots += 2;
            } else if (words_.take("INHERITS")) {
                words_.skip();
                do {
                    lock(words_.take_name(), LockMode::share_update_exclusive);
                } while (words_.take_symbol(","));
            } else {
                const bool own = words_.is(words_.place(), "PRIMARY") || words_.is(words_.place(), "UNIQUE") ||
                                 words_.is(words_.place(), "IDENTITY") || words_.is(words_.place(), "EXCLUDE") ||
                                 words_.is(words_.place(), "SERIAL") || words_.is(words_.place(), "BIGSERIAL");
                if (own) ++cost_.slots;
                words_.skip();
            }
        }
    }

    // -- ALTER

    void alter() {
        if (words_.take("TABLE")) return alter_table();
        if (words_.take("DOMAIN")) return alter_domain();
        if (words_.take("POLICY") || words_.take("TRIGGER")) return on_table(LockMode::access_exclusive);
        cost_.slots = 1;
    }

    void alter_table() {
        words_.take_all({"IF", "EXISTS"});
        words_.take("ONLY");
        const std::string table = words_.take_name();
        words_.take_symbol("*");
        while (!words_.at_end()) {
            action(table);
            next_action();
        }
    }

    /// Behind the comma that ends an action.
    void next_action() {
        while (!words_.at_end() && !words_.take_symbol(",")) {
            if (!words_.take_parentheses()) words_.skip();
        }
    }

    void action(const std::string& table) {
        if (words_.take("ADD")) return add(table);
        if (words_.take("DROP")) return drop_part(table);
        if (words_.take("VALIDATE")) {
            lock(table, LockMode::share_update_exclusive);
            return work(Work::scan);
        }
        if (words_.take("ALTER")) return alter_column(table);
        if (words_.take("ATTACH")) {
            words_.take("PARTITION");
            const std::string partition = words_.take_name();
            lock(partition, LockMode::access_exclusive);
            lock(table, LockMode::share_update_exclusive);
            return work(Work::scan);
        }
        if (words_.take("DETACH")) {
            words_.take("PARTITION");
            const std::string partition = words_.take_name();
            const bool concurrently = words_.ahead("CONCURRENTLY");
            lock(table, concurrently ? LockMode::share_update_exclusive : LockMode::access_exclusive);
            return lock(partition, LockMode::access_exclusive);
        }
        if (words_.take("CLUSTER")) return lock(table, LockMode::share_update_exclusive);
        if (words_.take("RESET")) return lock(table, LockMode::share_update_exclusive);
        if (words_.take("ENABLE") || words_.take("DISABLE")) {
            words_.take("REPLICA") || words_.take("ALWAYS");
            return lock(table, words_.take("TRIGGER") ? LockMode::share_row_exclusive : LockMode::access_exclusive);
        }
        if (words_.take("SET")) return set(table);
        lock(table, LockMode::access_exclusive);  // RENAME, OWNER TO, INHERIT, OF, FORCE, REPLICA IDENTITY, …
    }

    void set(const std::string& table) {
        if (words_.is_symbol(words_.place(), "(") || words_.take_all({"WITHOUT", "CLUSTER"}))
            return lock(table, LockMode::share_update_exclusive);
        lock(table, LockMode::access_exclusive);
        if (words_.take("LOGGED") || words_.take("UNLOGGED") || words_.take("TABLESPACE") || words_.take("ACCESS"))
            work(Work::rewrite);
    }

    void add(const std::string& table) {
        if (words_.take("CONSTRAINT")) words_.take_name();
        if (words_.take("CHECK")) {
            lock(table, LockMode::access_exclusive);
            words_.take_parentheses();
            if (!is_not_valid()) work(Work::scan);
            return;
        }
        if (words_.take("FOREIGN")) return add_foreign_key(table);
        if (words_.take("PRIMARY") || words_.take("UNIQUE")) {
            lock(table, LockMode::access_exclusive);
            cost_.slots += 1;
            if (!words_.ahead("USING") || !words_.ahead("INDEX")) work(Work::index);
            return;
        }
        if (words_.take("EXCLUDE")) {
            lock(table, LockMode::access_exclusive);
            cost_.slots += 1;
            return work(Work::index);
        }
        add_column(table);
    }

    bool is_not_valid() const { return words_.ahead("VALID"); }

    void add_foreign_key(const std::string& table) {
        lock(table, LockMode::share_row_exclusive);
        words_.take("KEY");
        words_.take_parentheses();
        if (words_.take("REFERENCES")) lock(words_.take_name(), LockMode::share_row_exclusive);
        cost_.slots += 1;
        if (!is_not_valid()) work(Work::scan);
    }

    void add_column(const std::string& table) {
        words_.take("COLUMN");
        words_.take_all({"IF", "NOT", "EXISTS"});
        words_.take_name();
        lock(table, LockMode::access_exclusive);
        if (is_serial(words_.name(words_.place())) || is_checked_domain()) work(Work::rewrite);
        int depth = 0;
        bool in_default = false;
        for (std::size_t at = words_.place(); at < words_.size(); ++at) {
            if (words_.is_symbol(at, "(")) ++depth;
            if (words_.is_symbol(at, ")")) --depth;
            if (depth == 0 && words_.is_symbol(at, ",")) break;
            if (depth == 0 && words_.is(at, "DEFAULT")) in_default = true;
            if (depth == 0 && (words_.is(at, "IDENTITY") || words_.is(at, "STORED"))) work(Work::rewrite);
            if (depth == 0 && words_.is(at, "CHECK")) work(Work::scan);
            if (depth == 0 && words_.is(at, "REFERENCES"))
                lock(words_.from(at + 1).substr(0, name_length(at + 1)), LockMode::share_row_exclusive);
            const bool call = in_default && words_.is_symbol(at + 1, "(") && !words_.is_symbol(at, "::") && at > words_.place();
            if (call && !words_.is_symbol(at, "(") && !words_.is(at, "DEFAULT") && !is_stable(fold(words_.name(at))) &&
                !is_type_modifier(at))
                work(Work::rewrite);
        }
    }

    /// `'x'::character varying(40)`: the parenthesis belongs to a type.
    bool is_type_modifier(std::size_t at) const { return words_.is_symbol(at - 1, "::") || words_.is_symbol(at - 2, "::"); }

    std::size_t name_length(std::size_t at) const {
        const std::size_t end = words_.name_end(at);
        return end == at ? words_.text(at).size() : words_.from(at).find(words_.text(end)) + words_.text(end).size();
    }

    static bool is_serial(const std::string& type) {
        constexpr std::array<std::string_view, 6> kSerials{"serial",  "bigserial", "smallserial",
                                                           "serial4", "serial8",   "serial2"};
        return std::ranges::find(kSerials, fold(type)) != kSerials.end();
    }

    bool is_checked_domain() {
        const std::size_t end = words_.name_end(words_.place());
        const std::string type =
            plain_name(end == words_.place() ? words_.text(end) : words_.text(words_.place()) + "." + words_.text(end));
        return std::ranges::any_of(before_.domains, [&](const Domain& domain) {
            const std::string schema = schema_of_table(domain.schema == "public" ? "" : domain.schema, domain.name);
            const std::string name = full_name_of(schema, domain.name);
            return name == type && (!domain.checks.empty() || !domain.nullable);
        });
    }

    void drop_part(const std::string& table) {
        const bool constraint = words_.take("CONSTRAINT");
        if (!constraint) words_.take("COLUMN");
        words_.take_all({"IF", "EXISTS"});
        const std::string name = plain_name(words_.take_name());
        lock(table, LockMode::access_exclusive);
        cost_.slots += 1;
        const Table* found = known(table);
        if (found == nullptr) return;
        for (const ForeignKey& key : found->foreign_keys) {
            const bool goes = constraint ? key.name.text == name : std::ranges::find(key.columns, name) != key.columns.end();
            const Table* parent = goes ? find_table(before_, key.referenced_table) : nullptr;
            if (parent != nullptr) lock(qualified(*parent), LockMode::access_exclusive);
        }
    }

    void alter_column(const std::string& table) {
        if (words_.take("CONSTRAINT")) return lock(table, LockMode::access_exclusive);
        words_.take("COLUMN");
        const std::string column = plain_name(words_.take_name());
        const bool cheap = words_.take_all({"SET", "STATISTICS"}) || words_.take("RESET") ||
                           (words_.is(words_.place(), "SET") && words_.is_symbol(words_.place() + 1, "("));
        lock(table, cheap ? LockMode::share_update_exclusive : LockMode::access_exclusive);
        if (words_.take_all({"SET", "NOT", "NULL"})) return work(has_not_null_check(table, column) ? Work::none : Work::scan);
        if (words_.take_all({"SET", "DATA", "TYPE"}) || words_.take("TYPE")) retype(table, column);
    }

    /// A valid CHECK (c IS NOT NULL) spares the scan.
    bool has_not_null_check(const std::string& table, const std::string& column) const {
        const Table* found = known(table);
        return found != nullptr && std::ranges::any_of(found->checks, [&](const Check& check) {
                   return !check.not_valid &&
                          canonical_sql(check.expression.text, Dialect::postgres) == fold(column) + " is not null";
               });
    }

    void retype(const std::string& table, const std::string& column) {
        const std::size_t first = words_.place();
        std::size_t end = first;
        while (end < words_.size() && !words_.is(end, "USING") && !words_.is(end, "COLLATE") && !words_.is_symbol(end, ",")) {
            end = words_.is_symbol(end, "(") ? words_.closing(end) + 1 : end + 1;
        }
        const std::string type = joined(first, end);
        const Table* found = known(table);
        const Column* old = found == nullptr ? nullptr : find_column(*found, column);
        // A conversion that is more than a cast to that very type computes each value anew.
        const bool plain = !words_.is(end, "USING") || is_cast(end + 1, column, type);
        if (old == nullptr || !plain || !keeps_storage(old->type.text, type)) work(Work::rewrite);
        if (old != nullptr && words_.is(end, "COLLATE")) work(Work::index);
    }

    /// `name`, `name::type` or either in parentheses.
    bool is_cast(std::size_t at, const std::string& column, const std::string& type) const {
        std::size_t end = at;
        while (end < words_.size() && !words_.is_symbol(end, ","))
            end = words_.is_symbol(end, "(") ? words_.closing(end) + 1 : end + 1;
        while (words_.is_symbol(at, "(") && words_.closing(at) + 1 == end) {
            ++at;
            --end;
        }
        if (plain_name(words_.text(at)) != column) return false;
        if (at + 1 == end) return true;
        return words_.is_symbol(at + 1, "::") && joined(at + 2, end) == type;
    }

    /// A type's tokens as the server prints them.
    std::string joined(std::size_t first, std::size_t end) const {
        std::string out;
        for (std::size_t at = first; at < end; ++at) {
            const std::string text = words_.text(at);
            const bool tight = out.empty() || text == "(" || text == ")" || text == "," || text == "[" || text == "]" ||
                               text == "." || out.ends_with('(') || out.ends_with(',') || out.ends_with('[') ||
                               out.ends_with('.');
            out += (tight ? "" : " ") + text;
        }
        return out;
    }

    void alter_domain() {
        const std::string domain = plain_name(words_.take_name());
        const bool checks =
            words_.take("ADD") ? !is_not_valid() : words_.take("VALIDATE") || words_.take_all({"SET", "NOT", "NULL"});
        if (!checks) return;
        for (const Table& table : before_.tables) {
            const bool uses = std::ranges::any_of(table.columns, [&](const Column& column) {
                return plain_name(column.type.text) == domain || plain_name(column.type.text) == domain + "[]";
            });
            if (uses) lock(qualified(table), LockMode::share);
        }
        work(Work::scan);
    }

    // -- DROP

    void drop() {
        if (words_.take("TABLE")) return drop_table();
        if (words_.take("INDEX")) return drop_index();
        if (words_.take("TRIGGER") || words_.take("RULE") || words_.take("POLICY")) return on_table(LockMode::access_exclusive);
        cost_.slots = 1;
    }

    void drop_table() {
        words_.take_all({"IF", "EXISTS"});
        do {
            const std::string name = words_.take_name();
            lock(name, LockMode::access_exclusive);
            constexpr int kTableToastAndTypes = 5;
            cost_.slots += kTableToastAndTypes;
            if (const Table* table = known(name)) {
                cost_.slots += parts_of(*table);
                lock_referenced(*table);
            }
        } while (words_.take_symbol(","));
    }

    void drop_index() {
        const bool concurrently = words_.take("CONCURRENTLY");
        words_.take_all({"IF", "EXISTS"});
        const auto parts = split_full_name(plain_name(words_.take_name()));
        const std::string& schema = parts.first;
        const std::string& bare = parts.second;
        cost_.slots = 2;
        for (const Table& table : before_.tables) {
            const bool has = std::ranges::any_of(table.indexes, [&](const Index& index) { return index.name.text == bare; });
            if (has && (table.schema == schema || (table.schema == "public" && schema.empty())))
                lock(qualified(table), concurrently ? LockMode::share_update_exclusive : LockMode::access_exclusive);
        }
    }

    // -- the rest

    void comment() {
        if (words_.take("TABLE")) return lock(words_.take_name(), LockMode::share_update_exclusive);
        if (!words_.take("COLUMN")) return;
        const std::string column = words_.take_name();
        lock(split_last(column).first, LockMode::share_update_exclusive);
    }

    void rows() {
        if (words_.take("UPDATE") || words_.take_all({"DELETE", "FROM"})) {
            words_.take("ONLY");
            lock(words_.take_name(), LockMode::row_exclusive);
            return work(Work::scan);
        }
        if (words_.take_all({"INSERT", "INTO"})) return lock(words_.take_name(), LockMode::row_exclusive);
        if (words_.take("TRUNCATE")) {
            words_.take("TABLE");
            words_.take("ONLY");
            return lock(words_.take_name(), LockMode::access_exclusive);
        }
        const bool full = words_.is(0, "VACUUM") && words_.is(1, "FULL");
        if (full || words_.is(0, "CLUSTER")) {
            words_.take("VACUUM") && words_.take("FULL");
            words_.take("CLUSTER");
            lock(words_.take_name(), LockMode::access_exclusive);
            return work(Work::rewrite);
        }
        if (words_.take("REINDEX") && words_.take("TABLE")) {
            const bool concurrently = words_.take("CONCURRENTLY");
            lock(words_.take_name(), concurrently ? LockMode::share_update_exclusive : LockMode::share);
            return work(Work::index);
        }
        if (words_.take("LOCK")) {
            words_.take("TABLE");
            const std::string table = words_.take_name();
            lock(table, LockMode::access_exclusive);
        }
    }
};

}  // namespace

StatementCost cost_of(std::string_view sql, const Schema& before) { return Costs(sql, before).run(); }

}  // namespace tenon::postgres
