// The values that canonical YAML is made of.
#include <algorithm>

#include "schemas/key_parts.h"
#include "schemas/schema_writer.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

/// A collation inside SQL: bare ones ignore case.
std::string collation_text(const std::string& collate) {
    return collate.find_first_of("\".") == std::string::npos ? fold(collate) : collate;
}

}  // namespace

YamlValue sql_value(const Sql& sql) {
    if (sql.only == Sql::Texts{}) return YamlValue::scalar(sql.text);
    YamlValue out = YamlValue::mapping();
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgres}) {
        if (const auto& own = (*sql.only)[index_of(dialect)])
            out.add(std::string(dialect_name(dialect)), YamlValue::scalar(*own));
    }
    return out;
}

YamlValue names_value(const std::vector<std::string>& names) {
    YamlValue out = YamlValue::sequence();
    for (const std::string& name : names) out.items.push_back(YamlValue::scalar(name));
    return out;
}

YamlValue options_value(const Options& options) {
    YamlValue out = YamlValue::mapping();
    for (const auto& [key, value] : options) out.add(key, YamlValue::scalar(value));
    return out;
}

/// A key part as one text where that reads back as the same part, else spelt out.
YamlValue part_value(const KeyPart& part) {
    if (part.nulls.empty() && part.opclass.empty()) {
        const std::string rest =
            (part.collate.empty() ? "" : " collate " + collation_text(part.collate)) + (part.descending ? " desc" : "");
        for (const std::string& head :
             {part.column.empty() ? part.expression->text : part.column, quote_name(part.column, Dialect::sqlite)}) {
            const auto back = parse_key_part(head + rest);
            const bool same = back && back->column == part.column && back->descending == part.descending &&
                              back->nulls == part.nulls && same_name(back->collate, part.collate) && back->opclass.empty() &&
                              canonical_sql(back->expression->text, Dialect::postgres) ==
                                  canonical_sql(part.expression->text, Dialect::postgres);
            if (same) return YamlValue::scalar(head + rest);
        }
    }
    YamlValue out = YamlValue::mapping();
    out.add_text("column", part.column);
    if (part.column.empty()) out.add("expression", sql_value(part.expression));
    return out.add_text("collate", collation_text(part.collate))
        .add_flag("desc", part.descending)
        .add_text("nulls", part.nulls)
        .add_text("opclass", part.opclass);
}

YamlValue parts_value(const std::vector<KeyPart>& parts) {
    YamlValue out = YamlValue::sequence();
    for (const KeyPart& part : parts) out.items.push_back(part_value(part));
    return out;
}

bool plain_parts(const std::vector<KeyPart>& parts) {
    return std::ranges::all_of(parts, [](const KeyPart& part) {
        return !part.column.empty() && part.collate.empty() && !part.descending && part.nulls.empty() && part.opclass.empty();
    });
}

std::string deferrable_text(bool deferrable, bool deferred) { return !deferrable ? "" : deferred ? "deferred" : "immediate"; }

void add_actions(YamlValue& out, const ForeignKey& key) {
    out.add_text("on_delete", key.on_delete).add_text("on_update", key.on_update).add_text("match", key.match);
    out.add_text("deferrable", deferrable_text(key.deferrable, key.initially_deferred)).add_flag("unchecked", key.unchecked);
}

YamlValue default_value(const Default& value) {
    return match(
        value,
        [](const Literal& literal) {
            return literal.kind == Literal::Kind::null     ? YamlValue::word("null")
                   : literal.kind == Literal::Kind::string ? YamlValue::scalar(literal.text)
                                                           : YamlValue::word(literal.text);
        },
        [](const Sql& sql) { return YamlValue::mapping().add("sql", sql_value(sql)); });
}

/// A string default that would be read as a number needs quotes.
bool reads_as_number(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
           text.find_first_of("0123456789") != std::string::npos;
}

YamlValue notes_value(YamlValue out, const std::string& comment, const Rights& rights) {
    out.add_text("comment", comment).add_text("owner", rights.owner);
    if (rights.grants) out.add("grants", grants_value(*rights.grants));
    return out;
}

YamlValue grants_value(const Grants& grants) {
    YamlValue out = YamlValue::mapping();
    for (const auto& [role, privileges] : grants) out.add(role, names_value(privileges));
    return out;
}

void add_sql(YamlValue& out, const std::string& key, const Sql& sql, const TextPlace& place) {
    if (place.file.empty()) {
        out.add(key, sql_value(sql));
    } else {
        out.add("file", YamlValue::scalar(place.file));
    }
}

std::string entry_key(const std::string& schema, const std::string& name) {
    const auto odd = [](const std::string& part) {
        return part.empty() || std::ranges::any_of(part, [](char c) {
                   const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
                   return !word && static_cast<unsigned char>(c) < 0x80;
               });
    };
    if (schema.empty() || schema == "public") return name.find_first_of(".\"(") != std::string::npos ? quoted(name) : name;
    return odd(schema) || odd(name) ? quoted(schema) + "." + quoted(name) : schema + "." + name;
}

YamlValue checks_value(const std::vector<Check>& checks) {
    const auto body = [](const Check& check) {
        if (!check.no_inherit && !check.not_valid && check.renamed_from.empty() && check.comment.empty())
            return sql_value(check.expression);
        return YamlValue::mapping()
            .add("check", sql_value(check.expression))
            .add_flag("no_inherit", check.no_inherit)
            .add_flag("not_valid", check.not_valid)
            .add_text("comment", check.comment)
            .add_text("renamed_from", check.renamed_from);
    };
    const bool all_named = std::ranges::all_of(checks, [](const Check& check) { return !check.name.text.empty(); });
    if (all_named) {
        YamlValue out = YamlValue::mapping(true);
        for (const Check& check : checks) out.add(check.name.text, body(check));
        return out;
    }
    YamlValue out = YamlValue::sequence(true);
    for (const Check& check : checks) {
        YamlValue item = body(check);
        if (!check.name.text.empty()) {
            if (item.kind != YamlValue::Kind::mapping || item.entries[0].first != "check")
                item = YamlValue::mapping().add("check", std::move(item));
            item.add_text("name", check.name.text);
        }
        out.items.push_back(std::move(item));
    }
    return out;
}

YamlValue triggers_value(const std::vector<Trigger>& triggers) {
    YamlValue out = YamlValue::mapping(true);
    for (const Trigger& trigger : triggers) {
        YamlValue item = YamlValue::mapping();
        add_sql(item, "sql", trigger.definition, trigger.place.value);
        out.add(trigger.name, item.add_text("state", trigger.state).add_text("comment", trigger.comment));
    }
    return out;
}

YamlValue table_texts_value(const std::vector<TableText>& texts, const std::string& state_key) {
    YamlValue out = YamlValue::mapping(true);
    for (const TableText& text : texts) {
        YamlValue item = YamlValue::mapping();
        add_sql(item, "sql", text.definition, text.place.value);
        out.add(text.name, item.add_text(state_key, text.state).add_text("comment", text.comment));
    }
    return out;
}

}  // namespace tenon
