// Changes as lines for people and as JSON for machines.
#include "differ/report.h"

#include <algorithm>

#include "differ/json_text.h"
#include "schemas/joined.h"

namespace tenon {
namespace {

std::string names_json(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ",") + json_quote(name);
    return "[" + out + "]";
}

std::string part_text(const KeyPart& part) {
    return (part.column.empty() ? part.expression->text : part.column) +
           (part.collate.empty() ? "" : " collate " + *part.collate) + (part.descending ? " desc" : "");
}

std::string parts_json(const std::vector<KeyPart>& parts) {
    std::string out;
    for (const KeyPart& part : parts) out += (out.empty() ? "" : ",") + json_quote(part_text(part));
    return "[" + out + "]";
}

std::string parts_text(const std::vector<KeyPart>& parts) { return "(" + joined(parts, ", ", part_text) + ")"; }

std::string default_text(const Column& column) {
    if (!column.default_value) return "";
    return match(
        *column.default_value, [](const Literal& literal) { return literal.text; }, [](const Sql& sql) { return sql.text; });
}

std::string json(const Column& column) {
    JsonObject out;
    out.text("name", column.name).text("type", column.type.text).flag("nullable", column.nullable);
    if (column.default_value) out.text("default", default_text(column));
    out.text_if("collate", column.collate).text_if("on_conflict", column.not_null_conflict).text_if("comment", column.comment);
    if (column.generated) out.text("generated", column.generated->expression.text).flag("stored", column.generated->stored);
    return out.str();
}
std::string json(const PrimaryKey& key) {
    JsonObject out;
    out.text_if("name", key.name.text).raw("columns", parts_json(key.columns)).flag("autoincrement", key.autoincrement);
    return out.text_if("on_conflict", key.conflict).str();
}
std::string json(const UniqueConstraint& unique) {
    JsonObject out;
    return out.text_if("name", unique.name.text)
        .raw("columns", parts_json(unique.columns))
        .text_if("on_conflict", unique.conflict)
        .str();
}
std::string json(const Check& check) {
    JsonObject out;
    return out.text_if("name", check.name.text).text("check", check.expression.text).str();
}
std::string json(const ForeignKey& key) {
    JsonObject out;
    out.text_if("name", key.name.text).raw("columns", names_json(key.columns)).text("table", key.referenced_table);
    out.raw("references", names_json(key.referenced_columns))
        .text_if("on_delete", key.on_delete)
        .text_if("on_update", key.on_update);
    out.text_if("match", key.match);
    if (key.deferrable) out.flag("deferred", key.initially_deferred);
    return out.str();
}
std::string json(const Exclusion& exclusion) { return JsonObject().text("name", exclusion.name.text).str(); }
std::string json(const Index& index) {
    JsonObject out;
    out.text("name", index.name.text).raw("columns", parts_json(index.columns)).flag("unique", index.unique);
    return out.text_if("where", index.where_clause->text).str();
}
std::string json(const Trigger& trigger) {
    return JsonObject().text("name", trigger.name).text("sql", trigger.definition.text).str();
}
std::string json(const TableOptions& options) {
    JsonObject out;
    out.flag("strict", options.strict).flag("without_rowid", options.without_rowid).text_if("comment", options.comment);
    if (!options.column_order.empty()) out.raw("column_order", names_json(options.column_order));
    return out.str();
}
std::string json(const View& view) {
    return JsonObject().text("name", view.full_name()).text("sql", view.definition.text).str();
}
std::string json(const EnumType& type) {
    std::vector<std::string> values;
    for (const EnumValue& value : type.values) values.push_back(value.name);
    return JsonObject().text("name", type.name).raw("values", names_json(values)).str();
}
std::string json(const std::string& schema) { return json_quote(schema); }
std::string json(const Unmanaged& object) {
    return JsonObject().text("kind", object.kind).text("name", object.name).text("sql", object.definition.text).str();
}
std::string json(const Object& object) { return JsonObject().text("id", object.id).text("sql", object.definition.text).str(); }
std::string json(const Function& function) {
    return JsonObject().text("name", function.name).text("sql", function.definition.text).str();
}
template <class T>
std::string list_json(const std::vector<T>& things) {
    std::string out;
    for (const T& thing : things) out += (out.empty() ? "" : ",") + json(thing);
    return "[" + out + "]";
}
std::string json(const Table& table) {
    JsonObject out;
    out.text("name", table.full_name()).raw("columns", list_json(table.columns));
    if (table.primary_key) out.raw("primary_key", json(*table.primary_key));
    if (!table.uniques.empty()) out.raw("unique", list_json(table.uniques));
    if (!table.checks.empty()) out.raw("checks", list_json(table.checks));
    if (!table.foreign_keys.empty()) out.raw("foreign_keys", list_json(table.foreign_keys));
    if (!table.indexes.empty()) out.raw("indexes", list_json(table.indexes));
    if (!table.triggers.empty()) out.raw("triggers", list_json(table.triggers));
    return out.str();
}

/// What a thing is, in one line.
std::string brief(const Column& column) {
    std::string out = column.type.text + (column.nullable ? "" : " not null");
    if (column.default_value) out += " default " + default_text(column);
    if (!column.collate.empty()) out += " collate " + *column.collate;
    if (!column.not_null_conflict.empty()) out += " on conflict " + *column.not_null_conflict;
    if (column.generated)
        out += " generated as (" + column.generated->expression.text + (column.generated->stored ? ") stored" : ") virtual");
    return out;
}
std::string brief(const PrimaryKey& key) { return parts_text(key.columns) + (key.autoincrement ? " autoincrement" : ""); }
std::string brief(const UniqueConstraint& unique) {
    return (unique.name.text.empty() ? "" : unique.name.text + " ") + parts_text(unique.columns) +
           (unique.conflict.empty() ? "" : " on conflict " + *unique.conflict);
}
std::string brief(const Check& check) {
    return (check.name.text.empty() ? "" : check.name.text + " ") + "(" + check.expression.text + ")";
}
std::string brief(const ForeignKey& key) {
    std::string out = (key.name.text.empty() ? "" : key.name.text + " ") + "-> " + key.referenced_table;
    if (!key.on_delete.empty()) out += " on delete " + *key.on_delete;
    if (!key.on_update.empty()) out += " on update " + *key.on_update;
    if (key.deferrable) out += key.initially_deferred ? " deferrable initially deferred" : " deferrable";
    return out;
}
std::string brief(const Index& index) {
    return (index.unique ? "unique " : "") + parts_text(index.columns) +
           (index.where_clause.empty() ? "" : " where " + index.where_clause->text);
}
/// Words with a space between them.
class Words {
public:
    Words& add(const std::string& word, const std::string& before = "") {
        if (!word.empty()) text_ += (text_.empty() ? "" : " ") + before + word;
        return *this;
    }
    Words& add_if(bool is, const char* word) { return is ? add(word) : *this; }
    Words& add(const Options& options) {
        for (const auto& [key, value] : options) add(key + "=" + value);
        return *this;
    }
    const std::string& str() const { return text_; }

private:
    std::string text_;
};

std::string brief(const TableOptions& options) {
    Words words;
    words.add_if(options.strict, "strict").add_if(options.without_rowid, "without rowid").add_if(options.unlogged, "unlogged");
    for (const std::string& parent : options.inherits) words.add(parent, "inherits ");
    words.add(options.partition_by.text, "partition by ")
        .add(options.partition_of, "partition of ")
        .add(options.partition_bound.text);
    words.add(options.of_type, "of ").add(options.storage).add(options.row_security, "row security ");
    words.add(options.replica_identity, "replica identity ")
        .add(options.access_method, "using ")
        .add(options.tablespace, "tablespace ");
    return words.add(options.cluster_on, "clustered on ")
        .add(options.comment.empty() ? "" : json_quote(options.comment), "comment ")
        .str();
}
std::string brief(const Domain& domain) {
    Words words;
    words.add(domain.type.text).add_if(!domain.nullable, "not null");
    if (domain.default_value)
        words.add(match(
                      *domain.default_value, [](const Literal& literal) { return literal.text; },
                      [](const Sql& sql) { return sql.text; }),
                  "default ");
    words.add(domain.collate, "collate ");
    for (const Check& check : domain.checks) words.add(brief(check), "check ");
    return words.str();
}
std::string brief(const CompositeType& type) {
    return "(" + joined(type.attributes, ", ", [](const auto& named) { return named.first + " " + named.second.text; }) + ")";
}
std::string brief(const RangeType& type) { return Words().add(type.subtype.text).add(type.options).str(); }
std::string brief(const Sequence& sequence) { return Words().add(sequence.options).add(sequence.owned_by, "owned by ").str(); }
std::string brief(const Extension& extension) { return Words().add(extension.version).add(extension.schema, "schema ").str(); }
std::string brief(const EnumType& type) { return "(" + joined(type.values, ", ", &EnumValue::name) + ")"; }
template <class T>
std::string brief(const T&) {
    return "";
}

/// Domain, CompositeType, RangeType, Sequence, Collation, Extension: the name, and the rest in words.
template <class T>
std::string json(const T& thing) {
    return JsonObject().text("name", thing.name).text_if("is", brief(thing)).str();
}

/// The text of what is made by a text, whole.
std::string body(const View& view) { return view.definition.text; }
std::string body(const Trigger& trigger) { return trigger.definition.text; }
std::string body(const Function& function) { return function.definition.text; }
std::string body(const Object& object) { return object.definition.text; }
std::string body(const Unmanaged& object) { return object.definition.text; }
template <class T>
std::string body(const T&) {
    return "";
}

/// What changed in a text, under the line that says that it did.
template <class T>
std::string body_changes(const Delta<T>& delta, bool colour) {
    if (!delta.from || !delta.to) return "";
    const auto whole = [](const std::string& text) { return text.ends_with('\n') ? text : text + "\n"; };
    const std::string from = whole(body(*delta.from));
    const std::string to = whole(body(*delta.to));
    if (from == to) return "";
    const std::string text = unified_hunks(from, to, colour);
    std::string out;
    for (std::string_view hunks = text; !hunks.empty(); hunks.remove_prefix(hunks.find('\n') + 1))
        out += "    " + std::string(hunks.substr(0, hunks.find('\n') + 1));
    return out;
}

struct Style {
    bool colour;
    std::string paint(char sign, const std::string& line) const {
        if (!colour) return line;
        const char* const code = sign == '+' ? "\033[32m" : sign == '-' ? "\033[31m" : sign == '?' ? "\033[35m" : "\033[33m";
        return code + line + "\033[0m";
    }
};

template <class T>
std::string line_of(const Delta<T>& delta, const Change& change, const Style& style) {
    const std::string kind = change_kind(change);
    const bool renamed = kind.starts_with("rename");
    const char sign = !delta.from ? '+' : !delta.to ? '-' : renamed ? '>' : '~';
    std::string line = std::string(1, sign) + " " + kind.substr(kind.find(' ') + 1) + " " + change_object(change);
    if (renamed) {
        line += " -> " + change_object(Change(Delta<T>{delta.table, delta.to, delta.from}));
    } else {
        const std::string from = delta.from ? brief(*delta.from) : "";
        const std::string to = delta.to ? brief(*delta.to) : "";
        if (delta.from && delta.to && from != to) {
            line += "  " + from + " -> " + to;
        } else if (!delta.from && !to.empty()) {
            line += "  " + to;
        }
    }
    std::ranges::replace(line, '\n', ' ');
    return style.paint(sign, line) + "\n";
}

}  // namespace

std::string describe(const Change& change) {
    std::string text = change_kind(change) + " " + change_object(change);
    std::ranges::replace(text, '\n', ' ');
    return text;
}

std::string format_changes(const Changes& changes, const std::vector<Question>& questions, bool colour) {
    const Style style{colour};
    std::string out;
    for (const Change& change : changes.list) {
        out +=
            std::visit([&](const auto& delta) { return line_of(delta, change, style) + body_changes(delta, colour); }, change);
    }
    for (const Question& question : questions) {
        out += style.paint('?', "? " + question.kind + " " + question.from + (question.to.empty() ? "" : " -> " + question.to) +
                                    "   (" + question.flag + ")") +
               "\n";
    }
    return out;
}

std::string change_json(const Change& change) {
    return std::visit(
        [&](const auto& delta) {
            return JsonObject()
                .text("kind", change_kind(change))
                .text("object", change_object(change))
                .raw("from", delta.from ? json(*delta.from) : "null")
                .raw("to", delta.to ? json(*delta.to) : "null")
                .str();
        },
        change);
}

}  // namespace tenon
