// Which rows are in the way of a change.
#include "emitters/sqlite_guards.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "emitters/sqlite_ddl.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"
#include "schemas/type.h"

namespace tenon::sqlite {
namespace {

std::string q(const std::string& name) { return quoted(name); }

/// Declared types that mean a number, whatever SQLite would let a column of them hold.
bool means_number(const std::string& type) {
    const std::string upper = fold(type);
    const auto has = [&](std::string_view word) { return upper.find(word) != std::string::npos; };
    if (has("char") || has("clob") || has("text")) return false;
    return has("int") || has("real") || has("floa") || has("doub") || has("num") || has("dec") || has("bool");
}

const Sql* text_of(const ColumnTexts& texts, const Table& table, const Column& column) {
    for (const auto& [key, sql] : texts) {
        if (same_name(key.first, table.full_name()) && same_name(key.second, column.name)) return &sql;
    }
    return nullptr;
}

/// The default as a value of an expression, or empty where there is none or it is NULL.
std::string default_value(const Column& column) {
    if (!column.default_value) return "";
    const std::string& text = std::get<Sql>(*column.default_value).text;
    if (same_name(text, "NULL")) return "";
    // A bare or double-quoted word is a string here.
    const std::vector<Token> tokens = lex(text, Dialect::sqlite);
    if (tokens.size() == 1 && (tokens[0].kind == TokenKind::name)) return quote_literal(token_name(text, tokens[0]));
    if (tokens.size() == 1 && tokens[0].kind == TokenKind::word) {
        static constexpr std::array<std::string_view, 5> kValues{"TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE",
                                                                 "CURRENT_TIMESTAMP"};
        const bool value = std::ranges::any_of(kValues, [&](std::string_view word) { return same_name(word, text); });
        return value ? text : quote_literal(text);
    }
    return "(" + text + ")";
}

/// The columns of a key as they stand in a WHERE.
std::string all_not_null(const std::vector<std::string>& columns, const std::string& prefix) {
    std::string out;
    for (const std::string& column : columns) out += (out.empty() ? "" : " AND ") + prefix + q(column) + " IS NOT NULL";
    return out;
}

/// An expression over `table`'s old columns can be asked before the change only where it names no added column.
bool names_added_column(const std::string& expression, const Table& from, const Table& to) {
    const std::vector<std::string> names = mentioned_names(expression, Dialect::sqlite);
    return std::ranges::any_of(to.columns, [&](const Column& column) {
        return find_column(from, column.name) == nullptr && std::ranges::binary_search(names, fold(column.name));
    });
}

/// The column is the rowid, and SQLite assigns it or the copy carries it over: never the same twice.
bool assigned(const Table& from, const Table& to, const Column& column) {
    return to.primary_key && to.primary_key->row_id && same_name(to.primary_key->columns[0].column, column.name) &&
           find_column(from, column.name) == nullptr;
}

/// True where all that a key is made of can be told before the change.
bool askable(const Table& from, const Table& to, const std::vector<KeyPart>& parts, const Sql& where) {
    return !names_added_column(where.text, from, to) && std::ranges::all_of(parts, [&](const KeyPart& part) {
        if (part.column.empty()) return !names_added_column(part.expression->text, from, to);
        const Column* column = find_column(to, part.column);
        return find_column(from, part.column) != nullptr ||
               (column != nullptr && !column->generated && !assigned(from, to, *column));
    });
}

/// The table as an expression over its columns will see it, where some of their values change.
std::string with_new_values(const Table& from, const Table& to, const PlanOptions& options) {
    if (std::ranges::none_of(to.columns, [&](const Column& column) { return revalued(from, to, column, options); }))
        return q(from.name);
    std::string columns;
    for (const Column& column : to.columns) {
        const Column* live = find_column(from, column.name);
        if (live == nullptr) continue;
        columns += (columns.empty() ? "" : ", ") +
                   (column.generated ? q(live->name) : carried_value(from, to, column, options) + " AS " + q(live->name));
    }
    return "(SELECT " + columns + " FROM " + q(from.name) + ") AS " + q(from.name);
}

/// Rows that a unique key would not allow, as a subquery that gives one row per group of duplicates.
std::string duplicates(const Table& from, const Table& to, const std::vector<KeyPart>& parts, const Sql& where,
                       const PlanOptions& options) {
    std::string list;
    std::string not_null;
    const bool computed = !where.empty() || std::ranges::any_of(parts, [](const KeyPart& part) { return part.column.empty(); });
    const std::string source = computed ? with_new_values(from, to, options) : q(from.name);
    for (const KeyPart& part : parts) {
        std::string value = part.column.empty() ? "(" + part.expression->text + ")"
                            : source != q(from.name) && find_column(from, part.column) != nullptr
                                ? q(part.column)
                                : carried_value(from, to, *find_column(to, part.column), options);
        // In GROUP BY a number alone would mean a column of the result.
        if (!part.column.empty() && find_column(from, part.column) == nullptr) value = "ifnull(" + value + ", NULL)";
        std::string collate = part.collate;
        if (collate.empty() && !part.column.empty()) collate = find_column(to, part.column)->collate;
        list += (list.empty() ? "" : ", ") + value + (collate.empty() ? " COLLATE BINARY" : " COLLATE " + collate);
        not_null += (not_null.empty() ? "" : " AND ") + value + " IS NOT NULL";
    }
    return "FROM (SELECT 1 FROM " + source + " WHERE " + not_null + (where.empty() ? "" : " AND (" + where.text + ")") +
           " GROUP BY " + list + " HAVING count(*) > 1)";
}

/// NOT NULL, said or implied: a key of a STRICT table or of one WITHOUT ROWID holds no NULL.
bool holds_no_null(const Table& table, const Column& column) {
    if (!column.nullable) return true;
    if (!table.primary_key || table.primary_key->row_id || !(table.strict || table.without_rowid)) return false;
    return std::ranges::any_of(table.primary_key->columns,
                               [&](const KeyPart& part) { return same_name(part.column, column.name); });
}

/// A condition that holds for values of the expression `value` that a STRICT table does not take for the column; empty for ANY.
std::string strict_misfit(const std::string& value, const Column& column) {
    static const std::array<std::pair<std::string_view, std::string_view>, 5> kAllowed{{{"int", "'integer'"},
                                                                                        {"integer", "'integer'"},
                                                                                        {"real", "'real', 'integer'"},
                                                                                        {"text", "'text', 'integer', 'real'"},
                                                                                        {"blob", "'blob'"}}};
    const auto row = std::ranges::find(kAllowed, column.type.key(), [](const auto& r) { return r.first; });
    if (row == kAllowed.end()) return "";
    const std::string kinds(row->second);
    std::string out = "typeof(" + value + ") NOT IN ('null', " + kinds + ")";
    // A text that reads as a number is converted when it is stored.
    if (row->first == "int" || row->first == "integer" || row->first == "real") {
        const std::string number = "CAST(" + value + " AS NUMERIC)";
        out += " AND NOT (typeof(" + value + ") IN ('text', 'real') AND " + number + " = " + value + " AND typeof(" + number +
               ") IN (" + kinds + "))";
    }
    return out;
}

void guard_not_null(const Table& from, const Table& to, const PlanOptions& options, std::vector<Step>& steps) {
    const std::string table = to.full_name();
    for (const Column& column : to.columns) {
        const Column* live = find_column(from, column.name);
        if (column.generated) continue;
        if (live == nullptr) {
            if (!holds_no_null(to, column) || !default_value(column).empty() ||
                text_of(options.intents.backfills, to, column) != nullptr)
                continue;
            if (assigned(from, to, column)) continue;
            Step step = guard(
                table + "." + column.name + ": a NOT NULL column without a default cannot be added to a table that has rows",
                "FROM " + q(from.name), "*", "add column " + table + "." + column.name);
            step.hint = "give `backfill:` (what old rows get) or `default:`";
            steps.push_back(std::move(step));
        } else if (!holds_no_null(from, *live) && holds_no_null(to, column) &&
                   carried_value(from, to, column, options) == q(column.name)) {
            Step step = guard(table + "." + column.name + ": rows hold NULL, and the column becomes NOT NULL",
                              "FROM " + q(from.name) + " WHERE " + q(live->name) + " IS NULL", "*",
                              "change column " + table + "." + column.name);
            step.hint = "give `backfill:` (what old rows get) or `default:`, or update the rows first";
            step.hazards = {{Hazard::Kind::scan, table, "reads all of " + table + " once"}};
            step.slow = true;
            steps.push_back(std::move(step));
        }
    }
}

void guard_types(const Table& from, const Table& to, const PlanOptions& options, std::vector<Step>& steps) {
    for (const Column& column : to.columns) {
        const Column* live = find_column(from, column.name);
        if (live == nullptr && to.strict && !column.generated && !assigned(from, to, column)) {
            const std::string value = carried_value(from, to, column, options);
            const std::string misfits = value == "NULL" ? "" : strict_misfit("(" + value + ")", column);
            if (!misfits.empty())
                steps.push_back(guard(
                    to.full_name() + "." + column.name + ": a STRICT table does not take its default as " + column.type.text,
                    "FROM " + q(from.name) + " WHERE " + misfits, "*", "add column " + to.full_name() + "." + column.name));
        }
        if (live != nullptr && to.strict && revalued(from, to, column, options)) {
            const std::string misfits = strict_misfit("(" + carried_value(from, to, column, options) + ")", column);
            if (!misfits.empty())
                steps.push_back(guard(to.full_name() + "." + column.name +
                                          ": a STRICT table does not take what its values become as " + column.type.text,
                                      "FROM " + q(from.name) + " WHERE " + misfits, q(live->name),
                                      "change column " + to.full_name() + "." + column.name));
        }
        if (live == nullptr || live->generated || column.generated) continue;
        if (text_of(options.intents.using_expressions, to, column) != nullptr) continue;
        if (loss_approved(options, to.full_name(), column.name)) continue;
        const std::string name = to.full_name() + "." + column.name;
        // A STRICT table keeps what it is given under ANY.
        const bool keeps_all = to.strict && same_name(column.type.text, "ANY");
        const bool converted = !keeps_all && (!(live->type == column.type) || (to.strict && !from.strict));
        const std::string condition = converted ? unconvertible(*live, column) : "";
        if (!condition.empty()) {
            Step step = guard(name + ": values that do not survive as " +
                                  (column.type.text.empty() ? "a value without type" : column.type.text),
                              "FROM " + q(from.name) + " WHERE " + condition, q(live->name), "change column " + name);
            step.flag = "--allow-destructive=" + name;
            step.hint = "say how with `using:`, or accept that these values become NULL or the default with " + step.flag;
            step.hazards = {{Hazard::Kind::conversion, name,
                             "values of " + name + " are converted from " + live->type.text + " to " + column.type.text}};
            step.slow = true;
            steps.push_back(std::move(step));
        }
        if (to.strict && (!from.strict || !(live->type == column.type))) {
            const std::string misfits = strict_misfit(q(live->name), column);
            if (misfits.empty()) continue;
            Step step =
                guard(name + ": values that a STRICT table does not take as " + column.type.text,
                      "FROM " + q(from.name) + " WHERE " + misfits, q(live->name), "change table options " + to.full_name());
            step.slow = true;
            steps.push_back(std::move(step));
        }
    }
}

void guard_checks(const Table& from, const Table& to, std::vector<Step>& steps) {
    for (const Check& check : to.checks) {
        if (std::ranges::any_of(from.checks, [&](const Check& other) { return other.expression == check.expression; }))
            continue;
        if (names_added_column(check.expression.text, from, to)) continue;  // the check after the plan's steps finds such rows
        Step step =
            guard(to.full_name() + ": rows break CHECK (" + check.expression.key() + ")",
                  "FROM " + q(from.name) + " WHERE NOT (" + check.expression.text + ")", "*", "add check " + to.full_name());
        step.hint = "correct these rows first";
        step.slow = true;
        steps.push_back(std::move(step));
    }
}

void guard_unique(const Table& from, const Table& to, const PlanOptions& options, std::vector<Step>& steps) {
    // True where values that were different may become equal: by another collation, or because they are converted.
    const auto may_merge = [&](const std::vector<KeyPart>& parts) {
        return std::ranges::any_of(parts, [&](const KeyPart& part) {
            if (part.column.empty()) {
                const std::vector<std::string> names = mentioned_names(part.expression->text, Dialect::sqlite);
                return std::ranges::any_of(to.columns, [&](const Column& column) {
                    return std::ranges::binary_search(names, fold(column.name)) && revalued(from, to, column, options);
                });
            }
            const Column* was = find_column(from, part.column);
            const Column& column = *find_column(to, part.column);
            return was != nullptr && (was->collate != column.collate || revalued(from, to, column, options));
        });
    };
    const auto add = [&](const std::vector<KeyPart>& parts, const Sql& where, const std::string& what) {
        if (!askable(from, to, parts, where)) return;
        std::string names;
        for (const KeyPart& part : parts)
            names += (names.empty() ? "" : ", ") + (part.column.empty() ? part.expression->text : part.column);
        Step step = guard(to.full_name() + ": duplicates under " + what + " (" + names + ")",
                          duplicates(from, to, parts, where, options), "*", "add " + what + " " + to.full_name());
        step.hint = "merge or change these rows first";
        step.examples.clear();
        step.slow = true;
        steps.push_back(std::move(step));
    };
    for (const UniqueConstraint& unique : to.uniques) {
        const bool known =
            std::ranges::any_of(from.uniques, [&](const UniqueConstraint& other) { return other.columns == unique.columns; });
        if (!known || may_merge(unique.columns)) add(unique.columns, {}, "unique constraint");
    }
    for (const Index& index : to.indexes) {
        if (!index.unique) continue;
        const bool known = std::ranges::any_of(from.indexes, [&](const Index& other) { return other == index; });
        if (!known || may_merge(index.columns)) add(index.columns, index.where_clause, "unique index");
    }
    const bool new_key = to.primary_key && (!from.primary_key || from.primary_key->columns != to.primary_key->columns);
    if (to.primary_key && (new_key || may_merge(to.primary_key->columns))) add(to.primary_key->columns, {}, "primary key");
    if (new_key && to.primary_key->row_id) {
        // The rowid takes integers alone, and NULL would get a value by itself.
        const std::string& name = to.primary_key->columns[0].column;
        if (find_column(from, name) != nullptr) {
            Step step = guard(to.full_name() + "." + name + ": values that cannot be the integer primary key",
                              "FROM " + q(from.name) + " WHERE typeof(" + q(name) + ") <> 'integer'", q(name),
                              "change primary key " + to.full_name());
            steps.push_back(std::move(step));
        }
    }
}

void guard_foreign_keys(const Table& from, const Table& to, const Changes& changes, std::vector<Step>& steps) {
    for (const ForeignKey& key : to.foreign_keys) {
        const Table* parent = find_table(changes.to, key.referenced_table);
        const Table* old_parent = find_table(changes.from, key.referenced_table);
        const bool had = std::ranges::any_of(from.foreign_keys, [&](const ForeignKey& other) {
            return other.columns == key.columns && same_name(other.referenced_table, key.referenced_table) &&
                   other.referenced_columns == key.referenced_columns;
        });
        const bool orphaned = had && old_parent != nullptr && parent == nullptr;
        if (had && !orphaned) continue;
        const bool columns_exist =
            std::ranges::all_of(key.columns, [&](const std::string& c) { return find_column(from, c) != nullptr; });
        if (!columns_exist) continue;                      // new columns hold NULL, or the check after the steps finds them
        if (leads_to_new_columns(key, changes)) continue;  // so it does here
        std::string rows = "FROM " + q(from.name) + " AS c WHERE " + all_not_null(key.columns, "c.");
        const bool askable = parent != nullptr && old_parent != nullptr &&
                             key.columns.size() == key.referenced_columns.size() &&
                             std::ranges::all_of(key.referenced_columns,
                                                 [&](const std::string& c) { return find_column(*old_parent, c) != nullptr; });
        if (askable) {
            std::string same;
            for (std::size_t i = 0; i < key.columns.size(); ++i) {
                // The parent's affinity decides, as it does where SQLite follows the key; the child's own would turn '3'
                // into 3.0.
                same += (same.empty() ? "" : " AND ") + ("p." + q(key.referenced_columns[i])) + " = +c." + q(key.columns[i]);
            }
            rows += " AND NOT EXISTS (SELECT 1 FROM " + q(old_parent->name) + " AS p WHERE " + same + ")";
        }
        Step step = guard(to.full_name() + ": rows refer to " + key.referenced_table + " rows that do not exist", rows, "c.*",
                          "add foreign key " + to.full_name());
        step.hint = "delete or correct these rows first";
        step.slow = true;
        steps.push_back(std::move(step));
    }
}

void guard_generated(const Table& from, const Table& to, const PlanOptions& options, std::vector<Step>& steps) {
    for (const Column& column : to.columns) {
        const Column* live = find_column(from, column.name);
        if (!becomes_generated(live, column) || drop_approved(options, to.full_name(), column.name)) continue;
        const std::string name = to.full_name() + "." + column.name;
        // Where it cannot be told yet what will be generated, every value is in the way.
        const bool known = !names_added_column(column.generated->expression.text, from, to);
        const std::string differs =
            known ? q(live->name) + " IS NOT (" + column.generated->expression.text + ")" : q(live->name) + " IS NOT NULL";
        Step step = guard(name + ": values that differ from what the column will be generated as",
                          "FROM " + q(from.name) + " WHERE " + differs, q(live->name), "change column " + name);
        step.flag = "--allow-destructive=" + name;
        step.hint = "accept that these values are replaced with " + step.flag;
        step.slow = true;
        steps.push_back(std::move(step));
    }
}

}  // namespace

Step guard(std::string message, const std::string& rows, const std::string& shown, std::string why) {
    Step step;
    step.kind = StepKind::guard;
    step.sql = "SELECT count(*) " + rows;
    step.examples = "SELECT " + shown + " " + rows + " LIMIT 5";
    step.message = std::move(message);
    step.why = std::move(why);
    return step;
}

bool loss_approved(const PlanOptions& options, const std::string& table, const std::string& column) {
    return std::ranges::any_of(options.decisions.allowed_losses,
                               [&](const std::string& allowed) { return same_name(allowed, table + "." + column); });
}

bool drop_approved(const PlanOptions& options, const std::string& table, const std::string& column) {
    const Decisions& decisions = options.decisions;
    return (decisions.allow_destructive && !decisions.undoing) || loss_approved(options, table, column);
}

bool becomes_generated(const Column* from, const Column& to) { return from != nullptr && !from->generated && to.generated; }

bool leads_to_new_columns(const ForeignKey& key, const Changes& changes) {
    const Table* old_parent = find_table(changes.from, key.referenced_table);
    return old_parent != nullptr && leads_to_key(changes.to, key) &&
           std::ranges::any_of(key.referenced_columns,
                               [&](const std::string& name) { return find_column(*old_parent, name) == nullptr; });
}

std::string unconvertible(const Column& from, const Column& to) {
    const std::string c = q(from.name);
    const Affinity target = affinity_of(to.type.text);
    const Affinity source = affinity_of(from.type.text);
    const std::string as_number = "CAST(" + c + " AS NUMERIC)";
    std::string text_changes = "CAST(" + as_number + " AS TEXT) IS NOT " + c;
    if (target == Affinity::real) text_changes += " AND CAST(CAST(" + c + " AS REAL) AS TEXT) IS NOT " + c;  // '7.0'
    std::string out;
    const auto any_of = [&](const std::string& condition) { out += (out.empty() ? "" : " OR ") + condition; };
    switch (target) {
        case Affinity::blob: return "";
        case Affinity::text:
            if (source == Affinity::text) return "";
            return "typeof(" + c + ") IN ('integer', 'real') AND CAST(CAST(" + c + " AS TEXT) AS NUMERIC) IS NOT " + c;
        case Affinity::integer:
        case Affinity::real:
        case Affinity::numeric: break;
    }
    if (means_number(to.type.text) && !(means_number(from.type.text) && source == target)) {
        any_of("(typeof(" + c + ") = 'text' AND " + text_changes + ")");
        any_of("typeof(" + c + ") = 'blob'");
    } else if (source == Affinity::text || source == Affinity::blob) {
        // Such a column keeps a text that is no number; one that reads as a number must print back the same.
        any_of("(typeof(" + c + ") = 'text' AND " + as_number + " = " + c + " AND " + text_changes + ")");
    }
    if (target == Affinity::real) any_of("(typeof(" + c + ") = 'integer' AND CAST(" + c + " AS REAL) <> " + c + ")");
    if (out.empty()) return "";
    // Numbers of up to 53 bits survive as any kind of number, and nearly all are such: one comparison tells.  A text column
    // would compare as text.
    const std::string large = c + " NOT BETWEEN -9007199254740992 AND 9007199254740992 AND ";
    return (source == Affinity::text ? "" : large) + "(" + out + ")";
}

bool revalued(const Table& from, const Table& to, const Column& column, const PlanOptions& options) {
    const Column* live = find_column(from, column.name);
    return live != nullptr && !column.generated && carried_value(from, to, column, options) != q(live->name);
}

std::string carried_value(const Table& from, const Table& to, const Column& column, const PlanOptions& options) {
    const Column* live = find_column(from, column.name);
    const Sql* backfill = text_of(options.intents.backfills, to, column);
    const std::string fallback = backfill != nullptr ? "(" + backfill->text + ")"
                                 : column.nullable   ? ""
                                                     : default_value(column);
    if (live == nullptr) {
        if (backfill != nullptr) return fallback;
        const std::string value = default_value(column);
        return value.empty() ? "NULL" : value;
    }
    std::string value = q(live->name);
    const bool retyped = !(live->type == column.type);
    // An enum's values are renamed without a change of the type: a CHECK changes instead.
    const bool rechecked = from.checks != to.checks;
    if (const Sql* given = text_of(options.intents.using_expressions, to, column); given != nullptr && (retyped || rechecked)) {
        value = "(" + given->text + ")";
    } else {
        // On the way back a generated column is stored again; its own values went on the way up, and where it cannot hold the
        // computed ones, it begins anew.
        const bool computed = options.decisions.undoing && live->generated && to.strict;
        const std::string condition = retyped && loss_approved(options, to.full_name(), column.name)
                                          ? unconvertible(*live, column)
                                      : computed ? strict_misfit(value, column)
                                                 : "";
        const std::string otherwise = default_value(column);
        if (!condition.empty())
            value = "CASE WHEN " + condition + " THEN " + (otherwise.empty() ? "NULL" : otherwise) + " ELSE " + value + " END";
    }
    if (live->nullable && !column.nullable && !fallback.empty()) value = "ifnull(" + value + ", " + fallback + ")";
    return value;
}

std::vector<Step> table_guards(const Table& from, const Table& to, const Changes& changes, const PlanOptions& options) {
    std::vector<Step> steps;
    guard_not_null(from, to, options, steps);
    guard_types(from, to, options, steps);
    std::ranges::move(json_guards(from, to, options), std::back_inserter(steps));
    guard_checks(from, to, steps);
    guard_unique(from, to, options, steps);
    guard_foreign_keys(from, to, changes, steps);
    guard_generated(from, to, options, steps);
    return steps;
}

Step stored_text_guard(const Table& table) {
    Step step = guard(table.full_name() + ": the table is not stored as it was when this was planned",
                      "= 0 FROM sqlite_schema WHERE type = 'table' AND name = " + quote_literal(table.name) +
                          " AND sql = " + quote_literal(table.stored.value),
                      "sql", "verify " + table.full_name());
    step.examples.clear();
    step.yes_or_no = true;
    step.hint = "plan again";
    return step;
}

}  // namespace tenon::sqlite
