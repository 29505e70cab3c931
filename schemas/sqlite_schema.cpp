// From the rows of sqlite_schema to a Schema.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "schemas/sqlite_create.h"
#include "schemas/sqlite_cursor.h"

namespace tenon {
namespace {

/// The tables that a module keeps for a virtual table are named after it, with these ends.
struct Module {
    std::string_view name;
    std::vector<std::string_view> shadows;
};

const std::vector<Module>& modules() {
    static const std::vector<Module> kModules{
        {"fts5", {"data", "idx", "content", "docsize", "config"}},
        {"fts4", {"content", "segments", "segdir", "docsize", "stat"}},
        {"fts3", {"content", "segments", "segdir", "docsize", "stat"}},
        {"rtree", {"node", "parent", "rowid"}},
        {"rtree_i32", {"node", "parent", "rowid"}},
        {"geopoly", {"node", "parent", "rowid"}},
        {"spellfix1", {"vocab"}},
        {"vec0", {"chunks", "rowids", "vector_chunks00", "info"}},
    };
    return kModules;
}

/// The module of a CREATE VIRTUAL TABLE, folded.
std::string module_of(std::string_view sql) {
    sqlite::Cursor cursor(sql);
    while (!cursor.done() && !cursor.at_keyword("USING")) cursor.advance();
    cursor.expect_keyword("USING");
    return fold(cursor.take_name());
}

/// True where `text` begins with `start`, but for ASCII case.
bool begins(std::string_view text, std::string_view start) { return same_name(text.substr(0, start.size()), start); }

/// SQLite writes the first words of a definition itself, however they were given.
bool is_virtual(std::string_view sql) { return begins(sql, "CREATE VIRTUAL "); }

bool internal(std::string_view name) { return begins(name, "sqlite_") || begins(name, "tenon_"); }

/// The table's own name for a column, where it has one of that name.
void spell(const Table& table, std::string& name) {
    if (const Column* column = find_column(table, name)) name = column->name;
}

/// `REFERENCES p` means p's primary key; names of columns are p's own.
void settle_foreign_keys(Schema& schema, const std::unordered_map<std::string, std::size_t>& by_name) {
    for (Table& table : schema.tables) {
        for (ForeignKey& key : table.foreign_keys) {
            const auto found = by_name.find(fold(key.referenced_table));
            if (found == by_name.end()) continue;
            const Table& target = schema.tables[found->second];
            key.referenced_table = target.name;
            key.implicit = {key.referenced_columns.empty()};
            if (key.referenced_columns.empty() && target.primary_key) {
                for (const KeyPart& part : target.primary_key->columns) key.referenced_columns.push_back(part.column);
            }
            for (std::string& name : key.referenced_columns) spell(target, name);
        }
    }
}

}  // namespace

Schema read_sqlite_schema(std::vector<StoredObject> rows) {
    Schema schema;
    schema.dialect = Dialect::sqlite;
    std::vector<std::string> shadows;  // folded names
    for (const StoredObject& row : rows) {
        if (row.type != "table" || internal(row.name) || !is_virtual(row.sql)) continue;
        schema.unmanaged.push_back({"virtual table", row.name, make_sql(row.sql)});
        const std::string module = module_of(row.sql);
        const auto found = std::ranges::find(modules(), module, &Module::name);
        if (found == modules().end()) continue;
        for (const std::string_view end : found->shadows) shadows.push_back(fold(row.name) + "_" + std::string(end));
    }
    std::ranges::sort(shadows);

    const auto tables = static_cast<std::size_t>(std::ranges::count(rows, "table", &StoredObject::type));
    schema.tables.reserve(tables);
    std::unordered_map<std::string, std::size_t> by_name;
    by_name.reserve(tables);
    for (StoredObject& row : rows) {
        if (row.type != "table" || internal(row.name) || is_virtual(row.sql)) continue;
        if (std::ranges::binary_search(shadows, fold(row.name))) {
            schema.unmanaged.push_back({"shadow table", row.name, make_sql(std::move(row.sql))});
            continue;
        }
        schema.tables.push_back(parse_create_table(std::move(row.sql)).table);
        schema.tables.back().name = row.name;
        by_name[fold(row.name)] = schema.tables.size() - 1;
    }
    for (StoredObject& row : rows) {
        if (row.type == "view" && !internal(row.name)) {
            View& view = schema.views.emplace_back();
            view.name = row.name;
            view.definition = make_sql(std::move(row.sql));
        }
    }
    for (StoredObject& row : rows) {
        if (row.sql.empty() || internal(row.name)) continue;
        const auto found = by_name.find(fold(row.table));
        if (row.type == "index" && found != by_name.end()) {
            Table& table = schema.tables[found->second];
            std::string on;
            Index index = parse_create_index(std::move(row.sql), on);
            index.name.text = row.name;
            for (KeyPart& part : index.columns) {
                // Whoever writes "x" where there is no column x has written a string; SQLite reads it so.
                if (!part.column.empty()) spell(table, part.column);
            }
            table.indexes.push_back(std::move(index));
        } else if (row.type == "trigger") {
            Trigger trigger;
            trigger.name = row.name;
            trigger.definition = make_sql(std::move(row.sql));
            if (found != by_name.end()) {
                schema.tables[found->second].triggers.push_back(std::move(trigger));
                continue;
            }
            const auto view = std::ranges::find_if(schema.views, [&](const View& v) { return same_name(v.name, row.table); });
            if (view != schema.views.end()) view->triggers.push_back(std::move(trigger));
        }
    }
    settle_foreign_keys(schema, by_name);
    return schema;
}

std::vector<std::string> mentioned_names(std::string_view sql, Dialect dialect) {
    std::vector<std::string> names;
    for (const Token& token : lex(sql, dialect)) {
        if (token.kind == TokenKind::word || token.kind == TokenKind::name) names.push_back(fold(token_name(sql, token)));
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace tenon
