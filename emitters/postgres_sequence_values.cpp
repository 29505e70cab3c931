// Where sequences go on that take the place of others, or are new to a column that has values.
#include <algorithm>
#include <map>
#include <set>

#include "emitters/postgres_anew.h"
#include "emitters/postgres_items.h"
#include "emitters/postgres_remade_values.h"
#include "emitters/postgres_written_rows.h"
#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

/// What gives a column its numbers.
struct Source {
    std::string sequence{};  ///< as it stands in SQL; empty for an identity whose sequence the server has yet to name
    const Options* options = nullptr;
    bool identity = false;
    bool owned = false;  ///< goes with the column
};

bool descends(const Options& options) {
    const auto increment = options.find("increment");
    return increment != options.end() && increment->second.starts_with('-');
}

/// A sequence that comes, and where it begins.
struct Comer {
    std::string name{};  ///< an SQL expression of regclass or text
    Options options{};
    std::string item{};              ///< what makes it
    std::set<std::string> after{};   ///< sequences in whose place it comes
    std::set<std::string> frees{};   ///< and what goes or changes with them
    std::set<std::string> tables{};  ///< whose columns those were for
    std::vector<std::string> needs{};
    std::vector<std::pair<const Table*, const Column*>> behind{};  ///< columns that had values and no sequence

    bool descends() const { return tenon::postgres::descends(options); }
    std::string start() const { return options.contains("start") ? options.at("start") : descends() ? "-1" : "1"; }
};

using Sequences = std::map<std::string, const Sequence*, std::less<>>;

Sequences by_name_of(const Schema& schema) {
    Sequences out;
    for (const Sequence& sequence : schema.sequences) out[qualified(sequence.schema, sequence.name)] = &sequence;
    return out;
}

/// An identity, or `nextval('public.s'::regclass)`.
std::optional<Source> source_of(const Sequences& sequences, const Table& table, const Column& column) {
    if (column.identity) return Source{column.identity->sequence, &column.identity->options, true, true};
    if (!column.default_value || column.generated) return std::nullopt;
    const std::string text = default_text(*column.default_value);
    const std::vector<Token> tokens = lex(text, Dialect::postgres);
    const bool calls = tokens.size() > 2 && token_name(text, tokens[0]) == "nextval" && tokens[2].kind == TokenKind::string;
    const auto found = calls ? sequences.find(token_name(text, tokens[2])) : sequences.end();
    if (found == sequences.end()) return std::nullopt;
    const bool owned = found->second->owned_by == qualified(table) + "." + quote(column.name);
    return Source{found->first, &found->second->options, false, owned};
}

class SequenceValues {
public:
    SequenceValues(const Changes& changes, Items& items)
        : to_(changes.to),
          items_(items),
          from_tables_(by_name(changes.from)),
          live_(by_name_of(changes.from)),
          wanted_(by_name_of(changes.to)) {}

    void run() {
        for (const auto& [name, table] : from_tables_) {
            for (const Column& column : table->columns) {
                if (column.identity) identities_[column.identity->sequence] = column_id(*table, column.name);
            }
        }
        for (const Table& table : to_.tables) {
            const auto live = from_tables_.find(table.full_name());
            if (live == from_tables_.end()) continue;
            for (const Column& column : table.columns) {
                const Column* old = column_of(*live->second, column.name);
                if (old == nullptr) continue;
                const bool same = old->identity == column.identity && old->default_value == column.default_value;
                if (!same || anew(table)) look(*live->second, *old, table, column);
            }
        }
        int number = 0;
        for (const auto& [key, comer] : comers_) {
            if (comer.after.empty()) {
                go_behind_values(comer);
            } else {
                go_on(key, comer, quote("tenon_sequence_" + std::to_string(++number)));
            }
        }
    }

private:
    const Schema& to_;
    Items& items_;
    TableMap from_tables_;
    Sequences live_;  ///< those of their own and of serial columns, as they stand in SQL
    Sequences wanted_;
    std::map<std::string, std::string> identities_;  ///< columns by the sequences of their identities
    std::map<std::string, Comer> comers_;            ///< by sequence, or by column where that has no name yet

    /// What must come first because the name is another's until then.
    std::string freed_by(const std::string& sequence) const {
        if (live_.contains(sequence)) return "gone SEQUENCE " + sequence;
        const auto identity = identities_.find(sequence);
        if (identity == identities_.end()) return "";
        const Item* column = items_.find(items_.resolve(items_.from_alias, identity->second));
        const bool stays = column != nullptr && column->id == identity->second && column->in_to;
        if (!stays) return "gone " + identity->second;
        const std::string own = identity_id(identity->second);
        return items_.find(own) != nullptr ? "gone " + own : identity->second;
    }

    bool anew(const Table& table) const { return items_.anew.contains(table.full_name()); }

    void look(const Table& from, const Column& old, const Table& to, const Column& now) {
        const auto source = source_of(wanted_, to, now);
        if (!source || (source->identity ? old.identity && !anew(from) : live_.contains(source->sequence))) return;
        const auto before = source_of(live_, from, old);
        if (!before && !source->owned) return;
        const std::string column = column_id(to, now.name);
        Comer& comer = comers_[source->sequence.empty() ? column : source->sequence];
        comer.options = *source->options;
        comer.item = source->identity ? items_.resolve(items_.to_alias, column) : "SEQUENCE " + source->sequence;
        comer.name = !source->sequence.empty() ? quote_literal(source->sequence)
                                               : "pg_catalog.pg_get_serial_sequence(" + quote_literal(qualified(to)) + ", " +
                                                     quote_literal(now.name) + ")";
        comer.needs.push_back(comer.item);
        const std::string freed = freed_by(source->sequence);
        if (Item* const item = items_.find(comer.item); item != nullptr && !freed.empty() && freed != comer.item)
            item->needs.push_back(freed);
        if (!before) {
            comer.behind.emplace_back(&to, &now);
            comer.needs.push_back(column);
            return;
        }
        if (old.nullable && !now.nullable) {  // it numbered rows already
            comer.behind.emplace_back(&to, &now);
            comer.needs.push_back(column);
        }
        comer.after.insert(before->sequence);
        comer.tables.insert(qualified(from));
        comer.frees.insert({table_id(from), column_id(from, old.name), identity_id(column_id(from, old.name))});
        const std::string sequence = "SEQUENCE " + before->sequence;
        if (!before->identity) comer.frees.insert(sequence);
    }

    /// Read before the others go, or anybody can take another number from them.
    void go_on(const std::string& key, const Comer& comer, const std::string& kept) {
        Item& item = items_.add("VALUE OF SEQUENCE " + key, Rank::grants);
        item.in_from = item.in_to = true;
        for (const std::string& table : comer.tables) item.drop.push_back("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
        const std::string order = comer.descends() ? "" : " DESC";
        item.drop.push_back("CREATE TEMPORARY TABLE " + kept + " ON COMMIT DROP AS " +
                            joined(comer.after, " UNION ALL ",
                                   [](const std::string& name) { return "SELECT last_value, is_called FROM " + name; }) +
                            (comer.after.size() > 1 ? " ORDER BY last_value" + order + ", is_called DESC LIMIT 1" : ""));
        // One that was never asked begins as the schema says where it cannot stand where the other did.
        const bool bounded = comer.options.contains("minvalue") && comer.options.contains("maxvalue");
        item.make = {perform("pg_catalog.setval(" + comer.name + ", last_value, is_called) FROM pg_temp." + kept +
                             (bounded ? " WHERE is_called OR last_value BETWEEN " + comer.options.at("minvalue") + " AND " +
                                            comer.options.at("maxvalue")
                                      : "")),
                     "DROP TABLE pg_temp." + kept};
        for (std::string& statement : behind_values(comer, "(SELECT last_value FROM " + key + ")"))
            item.make.push_back(std::move(statement));
        item.frees.assign(comer.frees.begin(), comer.frees.end());
        item.needs = comer.needs;
    }

    void go_behind_values(const Comer& comer) {
        // A table made anew has its rows late.
        const bool late = std::ranges::any_of(comer.behind, [&](const auto& behind) { return anew(*behind.first); });
        Item& item = items_.add("VALUE OF " + comer.item, late ? Rank::grants : Rank::owned_by);
        item.in_to = true;
        item.needs = comer.needs;
        item.make = behind_values(comer, comer.start());
    }

    /// Where the columns have values behind `from`, the sequence goes on from the last.
    static Statements behind_values(const Comer& comer, const std::string& from) {
        Statements out;
        const std::string last = comer.descends() ? "min(" : "max(";
        for (const auto& [table, column] : comer.behind) {
            const std::string value = last + quote(column->name) + ")";
            const std::string go = perform("pg_catalog.setval(" + comer.name + ", " + value + ") FROM " + qualified(*table) +
                                           " HAVING " + value + (comer.descends() ? " <= " : " >= ") + from);
            std::ranges::move(past_policies(*table, {go}), std::back_inserter(out));
        }
        return out;
    }
};

}  // namespace

Statements past_used_numbers(const Schema& to, const Table& table, const Column& column, const Filling& filling,
                             Statements statements) {
    const auto source = source_of(by_name_of(to), table, column);
    if (!source) return statements;
    const std::string sequence = column.identity ? std::string(kNumbers) : source->sequence;
    if (filling.fill.find(quote_literal(sequence)) == std::string::npos) return statements;
    const bool down = descends(*source->options);
    const auto bound = source->options->find(down ? "minvalue" : "maxvalue");
    const std::string last = (down ? "min(" : "max(") + filling.value + ")";
    std::string condition = last + (down ? " <= " : " >= ") + "(SELECT last_value FROM " + sequence + ")";
    if (bound != source->options->end()) condition += " AND " + last + (down ? " >= " : " <= ") + bound->second;
    statements.insert(statements.begin(), perform("pg_catalog.setval(" + quote_literal(sequence) + ", " + last + ") FROM " +
                                                  filling.rows + " HAVING " + condition));
    if (!column.identity) return statements;
    statements.insert(statements.begin(),
                      "CREATE TEMPORARY SEQUENCE " + std::string(kNumbers) + sequence_options(*source->options));
    statements.push_back("DROP SEQUENCE " + std::string(kNumbers));
    return statements;
}

void add_sequence_values(const Changes& changes, Items& items) { SequenceValues(changes, items).run(); }

}  // namespace tenon::postgres
