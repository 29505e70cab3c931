// Clause by clause edits of a stored CREATE TABLE.
#include "emitters/sqlite_edit.h"

#include <algorithm>
#include <optional>
#include <type_traits>

#include "differ/diff.h"
#include "emitters/sqlite_ddl.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon::sqlite {
namespace {

struct Replacement {
    Span span;
    std::string text;
};

std::string with_replacements(std::string text, std::size_t offset, std::vector<Replacement> replacements) {
    std::ranges::stable_sort(replacements, std::ranges::greater{}, [](const Replacement& r) { return r.span.begin; });
    for (const Replacement& r : replacements) text.replace(r.span.begin - offset, r.span.end - r.span.begin, r.text);
    return text;
}

/// The column of `table` inside which a constraint stands, or nullptr.
const Column* column_around(const Table& table, const Placement& placement) {
    if (placement.clause < 0) return nullptr;
    const auto found =
        std::ranges::find_if(table.columns, [&](const Column& c) { return c.placement.value.item == placement.item; });
    return found == table.columns.end() ? nullptr : &*found;
}

std::string named(const ConstraintName& name, const std::string& clause) {
    return (name.text.empty() ? "" : "CONSTRAINT " + quote_name(name.text, Dialect::sqlite) + " ") + clause;
}

/// A constraint of one column in the form that stands inside it.
std::string inline_clause(const UniqueConstraint& unique) {
    return named(unique.name, std::string("UNIQUE") + (unique.conflict.empty() ? "" : " ON CONFLICT " + *unique.conflict));
}
std::string inline_clause(const Check& check) { return check_clause(check); }
std::string inline_clause(const ForeignKey& key) { return named(key.name, references_clause(key)); }
std::string inline_clause(const PrimaryKey& key) {
    return named(key.name, std::string("PRIMARY KEY") + (key.columns[0].descending ? " DESC" : "") +
                               (key.conflict.empty() ? "" : " ON CONFLICT " + *key.conflict) +
                               (key.autoincrement ? " AUTOINCREMENT" : ""));
}
std::string table_clause(const UniqueConstraint& unique) { return unique_clause(unique); }
std::string table_clause(const Check& check) { return check_clause(check); }
std::string table_clause(const ForeignKey& key) { return foreign_key_clause(key); }
std::string table_clause(const PrimaryKey& key) { return primary_key_clause(key); }

/// The constraints of that type that a table has.
template <class T>
std::vector<T> constraints_of(const Table& table) {
    if constexpr (std::is_same_v<T, UniqueConstraint>) return table.uniques;
    if constexpr (std::is_same_v<T, Check>) return table.checks;
    if constexpr (std::is_same_v<T, ForeignKey>) return table.foreign_keys;
    if constexpr (std::is_same_v<T, PrimaryKey>) {
        return table.primary_key ? std::vector<PrimaryKey>{*table.primary_key} : std::vector<PrimaryKey>{};
    }
}

/// Those of them that stand inside the column that is this item of the stored text.
template <class T>
std::vector<T> inside(const Table& table, int item) {
    std::vector<T> found = constraints_of<T>(table);
    std::erase_if(found, [&](const T& constraint) {
        return constraint.placement.value.item != item || constraint.placement.value.clause < 0;
    });
    return found;
}

/// True where every constraint inside that column of `a` is one of `b`, wherever it stands there.
template <class T>
bool inside_is_known(const Table& a, int item, const Table& b) {
    const std::vector<T> known = constraints_of<T>(b);
    return std::ranges::all_of(inside<T>(a, item),
                               [&](const T& constraint) { return std::ranges::find(known, constraint) != known.end(); });
}

bool all_inside_is_known(const Table& a, int item, const Table& b) {
    return inside_is_known<PrimaryKey>(a, item, b) && inside_is_known<UniqueConstraint>(a, item, b) &&
           inside_is_known<Check>(a, item, b) && inside_is_known<ForeignKey>(a, item, b);
}

/// `REFERENCES p` says as much as `REFERENCES p (id)`.
template <class T>
bool says(const T& written, const T& meant) {
    if constexpr (std::is_same_v<T, ForeignKey>) {
        ForeignKey key = written;
        if (key.referenced_columns.empty()) key.referenced_columns = meant.referenced_columns;
        return key == meant;
    } else {
        return written == meant;
    }
}

/// A table as its stored text has it, to take over how a person wrote its parts.
class Writing {
public:
    explicit Writing(const Table& table) : table_(table) {
        try {
            if (!table.stored.value.empty()) parsed_ = parse_create_table(table.stored.value);
        } catch (const Error&) {
            // A text that is beyond this parser: everything is written anew.
        }
    }

    /// The text of the constraint, without the column around it; empty where the text does not say just this.
    template <class T>
    std::string constraint(const T& meant) const {
        if (!parsed_) return "";
        const Placement place = meant.placement.value;
        for (const T& written : constraints_of<T>(parsed_->table)) {
            const Placement here = written.placement.value;
            if (here.item != place.item || here.clause != place.clause || !says(written, meant)) continue;
            const TableLayout& layout = parsed_->layout;
            const auto item = static_cast<std::size_t>(place.item);
            return text(place.clause < 0 ? layout.items[item].span
                                         : layout.clauses_of(item)[static_cast<std::size_t>(place.clause)].span);
        }
        return "";
    }

    /// The text of the column with all that stands inside it; empty where the text does not say just this.
    std::string column(const Column& meant) const {
        if (!parsed_) return "";
        const Column* written = find_column(parsed_->table, meant.name);
        const int item = meant.placement.value.item;
        if (written == nullptr || !(*written == meant) || written->placement.value.item != item) return "";
        const bool same = same_inside<PrimaryKey>(item) && same_inside<UniqueConstraint>(item) && same_inside<Check>(item) &&
                          same_inside<ForeignKey>(item);
        return same ? text(parsed_->layout.items[static_cast<std::size_t>(item)].span) : "";
    }

private:
    const Table& table_;
    std::optional<ParsedTable> parsed_{};

    std::string text(Span span) const { return table_.stored.value.substr(span.begin, span.end - span.begin); }

    template <class T>
    bool same_inside(int item) const {
        return std::ranges::equal(inside<T>(parsed_->table, item), inside<T>(table_, item), says<T>);
    }
};

/// Takes one table apart, edits it, and puts it together again.
class Editor {
public:
    Editor(const Table& from, const Table& to)
        : from_(from), to_(to), writing_(to), text_(from.stored.value), layout_(parse_create_table(text_).layout) {
        dropped_items_.resize(layout_.items.size());
        replacements_.resize(layout_.items.size());
        appended_.resize(layout_.items.size());
        rewritten_.resize(layout_.items.size());
    }

    std::string edited() {
        edit_columns();
        edit_constraints<UniqueConstraint>();
        edit_constraints<Check>();
        edit_constraints<ForeignKey>();
        edit_constraints<PrimaryKey>();
        return put_together();
    }

private:
    const Table& from_;
    const Table& to_;
    Writing writing_;
    std::string text_;
    TableLayout layout_;
    std::vector<bool> dropped_items_;
    std::vector<std::vector<Replacement>> replacements_;
    std::vector<std::string> appended_;
    std::vector<std::string> rewritten_;
    std::vector<std::string> new_columns_;
    std::vector<std::string> new_constraints_;

    std::size_t item_of(const Column& column) const { return static_cast<std::size_t>(column.placement.value.item); }

    void edit_columns() {
        for (const Column& column : from_.columns) {
            const Column* wanted = find_column(to_, column.name);
            if (wanted == nullptr) {
                dropped_items_[item_of(column)] = true;
                continue;
            }
            // One that changes, and is written in the target, is written as there.
            if (changes(column, *wanted)) rewritten_[item_of(column)] = writing_.column(*wanted);
            if (!is_rewritten(column)) edit_column(column, *wanted);
        }
        for (const Column& column : to_.columns) {
            if (find_column(from_, column.name) != nullptr) continue;
            const std::string written = writing_.column(column);
            new_columns_.push_back(written.empty() ? column_with_constraints(to_, column) : written);
        }
    }

    bool is_rewritten(const Column& column) const { return !rewritten_[item_of(column)].empty(); }

    bool changes(const Column& from, const Column& to) const {
        return !(from == to) || !all_inside_is_known(from_, from.placement.value.item, to_) ||
               !all_inside_is_known(to_, to.placement.value.item, from_);
    }

    void edit_column(const Column& from, const Column& to) {
        const std::size_t item = item_of(from);
        if (!(from.type == to.type)) {
            const Span span = layout_.items[item].type;
            const bool none = span.begin == span.end;
            replacements_[item].push_back({span, none && !to.type.text.empty() ? " " + to.type.text : to.type.text});
        }
        const auto edit = [&](ClauseKind kind, const std::string& have, const std::string& want) {
            if (have == want) return;
            remove_clauses(item, kind);
            if (kind == ClauseKind::not_null) remove_clauses(item, ClauseKind::null);
            if (!want.empty()) appended_[item] += " " + want;
        };
        edit(ClauseKind::not_null, not_null_clause(from), not_null_clause(to));
        if (from.default_value != to.default_value) {
            remove_clauses(item, ClauseKind::default_value);
            if (to.default_value) appended_[item] += " " + default_clause(to);
        }
        edit(ClauseKind::collate, collate_clause(from), collate_clause(to));
        if (from.generated != to.generated) {
            remove_clauses(item, ClauseKind::generated);
            if (to.generated) appended_[item] += " " + generated_clause(to);
        }
    }

    void remove_clauses(std::size_t item, ClauseKind kind) {
        for (const ClauseLayout& clause : layout_.clauses_of(item)) {
            if (clause.kind == kind) remove_clause(item, clause.span);
        }
    }

    /// A clause goes with the white space before it.
    void remove_clause(std::size_t item, Span span) {
        while (span.begin > layout_.items[item].name.end &&
               std::string_view(" \t\r\n").find(text_[span.begin - 1]) != std::string_view::npos) {
            --span.begin;
        }
        replacements_[item].push_back({span, ""});
    }

    template <class T>
    void edit_constraints() {
        std::vector<T> missing = constraints_of<T>(to_);
        std::erase_if(missing, [&](const T& constraint) {
            const Column* around = column_around(to_, constraint.placement.value);
            const Column* live = around == nullptr ? nullptr : find_column(from_, around->name);
            return live != nullptr && is_rewritten(*live);  // it came with the column's text
        });
        for (const T& constraint : constraints_of<T>(from_)) {
            const Column* around = column_around(from_, constraint.placement.value);
            if (around != nullptr && is_rewritten(*around)) continue;  // it went with the column's text
            if (const auto kept = std::ranges::find(missing, constraint); kept != missing.end()) {
                missing.erase(kept);
                continue;
            }
            const Placement place = constraint.placement.value;
            const auto item = static_cast<std::size_t>(place.item);
            if (place.clause < 0) {
                dropped_items_[item] = true;
            } else if (!dropped_items_[item]) {
                remove_clause(item, layout_.clauses_of(item)[static_cast<std::size_t>(place.clause)].span);
            }
        }
        for (const T& constraint : missing) {
            const Column* around = column_around(to_, constraint.placement.value);
            const Column* live = around == nullptr ? nullptr : find_column(from_, around->name);
            const std::string written = writing_.constraint(constraint);
            if (live != nullptr) {
                appended_[item_of(*live)] += " " + (written.empty() ? inline_clause(constraint) : written);
            } else if (around == nullptr) {
                new_constraints_.push_back(written.empty() ? table_clause(constraint) : written);
            }  // else it came with its new column
        }
    }

    std::string put_together() {
        // SQLite itself writes the two words in upper case, and VACUUM drops a table whose text does not have them so.
        std::string out = "CREATE TABLE " + text_.substr(layout_.name.begin, layout_.list.begin + 1 - layout_.name.begin);
        std::size_t last_column = 0;
        for (std::size_t i = 0; i < layout_.items.size(); ++i) {
            if (layout_.items[i].is_column && !dropped_items_[i]) last_column = i;
        }
        bool first = true;
        std::size_t end = layout_.list.begin + 1;
        for (std::size_t i = 0; i < layout_.items.size(); ++i) {
            const ItemLayout& item = layout_.items[i];
            if (!dropped_items_[i]) {
                std::string gap =
                    first ? text_.substr(layout_.list.begin + 1, layout_.items[0].span.begin - layout_.list.begin - 1)
                          : text_.substr(end, item.span.begin - end);
                out += gap;
                if (!first && !holds_comma(gap)) out += ", ";
                if (!rewritten_[i].empty()) {
                    out += rewritten_[i];
                } else {
                    out += with_replacements(text_.substr(item.span.begin, item.span.end - item.span.begin), item.span.begin,
                                             replacements_[i]);
                    out += appended_[i];
                }
                first = false;
            }
            end = item.span.end;
            if (i != last_column) continue;
            for (const std::string& column : new_columns_) {
                out += (first ? "" : ", ") + column;
                first = false;
            }
        }
        for (const std::string& constraint : new_constraints_) out += ", " + constraint;
        out += text_.substr(end, layout_.list.end - end);
        return out + options();
    }

    static bool holds_comma(const std::string& gap) {
        return std::ranges::any_of(lex(gap, Dialect::sqlite),
                                   [&](const Token& t) { return t.kind == TokenKind::symbol && gap[t.begin] == ','; });
    }

    std::string options() const {
        const bool same = from_.strict == to_.strict && from_.without_rowid == to_.without_rowid;
        return same ? text_.substr(layout_.list.end) : table_options(to_);
    }
};

/// True where `text` means `to`, but for the order of columns.
bool means(const std::string& text, const Table& to) {
    Table table = parse_create_table(text).table;
    table.indexes = to.indexes;
    table.triggers = to.triggers;
    for (ForeignKey& key : table.foreign_keys) {
        if (!key.referenced_columns.empty()) continue;
        const auto same = std::ranges::find_if(to.foreign_keys, [&](const ForeignKey& other) {
            return other.columns == key.columns && same_name(other.referenced_table, key.referenced_table);
        });
        if (same != to.foreign_keys.end()) key.referenced_columns = same->referenced_columns;
    }
    Schema have;
    Schema want;
    have.dialect = want.dialect = Dialect::sqlite;
    have.tables = {std::move(table)};
    want.tables = {to};
    return compare(have, want, {}).empty();
}

}  // namespace

std::vector<std::string> automatic_indexes(const std::string& definition) {
    const Table table = parse_create_table(definition).table;
    struct Key {
        Placement place;
        std::string covers;  ///< columns and collations: what makes a second key the same as a first
        std::string text;
    };
    std::vector<Key> keys;
    const auto add = [&](const Placement& place, const std::vector<KeyPart>& parts) {
        Key& key = keys.emplace_back();
        key.place = place;
        for (const KeyPart& part : parts) {
            const Column* column = find_column(table, part.column);
            const std::string& own = column == nullptr ? "" : *column->collate;
            key.covers += fold(part.column) + "|" + fold(part.collate.empty() ? own : *part.collate) + ",";
            key.text += fold(part.column) + "|" + fold(part.collate) + (part.descending ? "-," : ",");
        }
    };
    for (const UniqueConstraint& unique : table.uniques) add(unique.placement.value, unique.columns);
    if (table.primary_key && !table.primary_key->row_id) add(table.primary_key->placement.value, table.primary_key->columns);
    std::ranges::stable_sort(keys, {}, [](const Key& key) { return std::pair(key.place.item, key.place.clause); });
    std::vector<std::string> out;
    for (auto key = keys.begin(); key != keys.end(); ++key) {
        const bool repeats = std::any_of(keys.begin(), key, [&](const Key& other) { return other.covers == key->covers; });
        if (!repeats) out.push_back(key->text);
    }
    return out;
}

std::string column_with_constraints(const Table& table, const Column& column) {
    std::string out = column_definition(column);
    const auto add = [&](const auto& constraints) {
        for (const auto& constraint : constraints) {
            if (column_around(table, constraint.placement.value) == &column) out += " " + inline_clause(constraint);
        }
    };
    if (table.primary_key && column_around(table, table.primary_key->placement.value) == &column) {
        out += " " + inline_clause(*table.primary_key);
    }
    add(table.uniques);
    add(table.checks);
    add(table.foreign_keys);
    return out;
}

std::string written_column(const Table& table, const Column& column) {
    const std::string written = Writing(table).column(column);
    return written.empty() ? column_with_constraints(table, column) : written;
}

std::string creation(const Table& table) {
    if (table.stored.value.empty()) return create_table(table, table.name);
    const ParsedTable parsed = parse_create_table(table.stored.value);
    if (!same_name(parsed.table.name, table.name)) return create_table(table, table.name);
    return "CREATE TABLE " + table.stored.value.substr(parsed.layout.name.begin);
}

std::string whole_definition(const Table& table) {
    const std::string text = creation(table);
    return means(text, table) ? text : create_table(table, table.name);
}

std::string edited_definition(const Table& from, const Table& to) {
    try {
        std::string text = Editor(from, to).edited();
        if (means(text, to)) return text;
    } catch (const Error&) {
        // An odd text that the edit broke: written anew below.
    }
    Table ordered = to;
    const auto place = [&](const Column& column) {
        const Column* live = find_column(from, column.name);
        return live == nullptr ? from.columns.size() : static_cast<std::size_t>(live - from.columns.data());
    };
    std::ranges::stable_sort(ordered.columns, {}, place);
    return create_table(ordered, to.name);
}

}  // namespace tenon::sqlite
