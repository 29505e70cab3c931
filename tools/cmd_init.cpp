// tenon init: a project's first files.  tenon inspect: a database's schema as YAML.
#include <algorithm>
#include <set>

#include "engine/inspect.h"
#include "engine/schema_hash.h"
#include "schemas/resolve.h"
#include "schemas/sql_tokens.h"
#include "schemas/yaml.h"
#include "tools/commands.h"
#include "tools/files.h"
#include "tools/json_schema.h"

namespace tenon {
namespace {

constexpr std::string_view kModeline = "# yaml-language-server: $schema=./tenon.schema.json\n";

constexpr std::string_view kFirstSchema =
    "tables:\n"
    "  # note:\n"
    "  #   columns:\n"
    "  #     title: text\n"
    "  #     body: text?\n"
    "  #     created_at: { type: timestamptz, default: { sql: now() } }\n";

void write_new(const Session& session, const std::filesystem::path& path, std::string_view text) {
    if (std::filesystem::exists(path))
        throw Error(ErrorCode::error, path.string() + " exists already", "move it away first; init never overwrites");
    write_file(path, text);
    session.terminal.say("wrote " + path.string());
}

void name_left_out(const Session& session, const Schema& schema) {
    for (const Unmanaged& object : schema.unmanaged) {
        if (object.kind != "shadow table") session.terminal.say("not managed: " + object.kind + " " + object.name);
    }
}

/// Gives the SQL of more than kLongestBlock lines files of its own: {name, text}.
std::vector<std::pair<std::string, std::string>> take_long_bodies(Schema& schema) {
    constexpr auto kLongestBlock = 30;
    std::vector<std::pair<std::string, std::string>> files;
    std::set<std::string> taken;
    const auto take = [&](std::string name, const Sql& sql, TextPlace& place) {
        if (std::ranges::count(sql.text, '\n') < kLongestBlock) return;
        std::ranges::replace_if(
            name,
            [](char c) {
                return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.');
            },
            '_');
        std::string file = "sql/" + name + ".sql";
        for (int n = 2; !taken.insert(fold(file)).second; ++n) file = "sql/" + name + "_" + std::to_string(n) + ".sql";
        place.file = file;
        files.emplace_back(file, sql.text + "\n");
    };
    const auto full = [](const auto& thing) { return thing.schema.empty() ? thing.name : thing.schema + "." + thing.name; };
    for (Function& function : schema.functions) take(full(function), function.definition, function.place.value);
    for (View& view : schema.views) take(full(view), view.definition, view.place.value);
    for (Object& object : schema.objects) take(fold(object.id), object.definition, object.place.value);
    return files;
}

/// A migration that holds what the database has, to the letter.
Migration baseline_of(const Schema& schema) {
    Migration migration;
    migration.version = next_version(now_utc(), "");
    migration.name = "baseline";
    migration.dialect = schema.dialect;
    migration.parent = "none";
    migration.baseline = true;
    migration.risk = "none";
    migration.to = schema_hash(schema);
    for (const std::string& statement : make_emitter(*schema.dialect)->create_all(schema))
        migration.up.body += statement + ";\n";
    return migration;
}

}  // namespace

int run_init(Session& session) {
    const auto url = session.arguments.value("url");
    std::string configuration = "schema: schema.yaml\nmigrations: migrations/\n";
    // Never a password: such a URL belongs into the environment.
    const bool plain = url && redact(*url) == *url;
    configuration += plain ? "url: \"" + *url + "\"\n" : "url: ${DATABASE_URL}\n";
    for (const std::string name : {"tenon.yaml", "schema.yaml", "tenon.schema.json"}) {
        if (std::filesystem::exists(name))
            throw Error(ErrorCode::error, name + " exists already", "move it away first; init never overwrites");
    }
    std::string schema = std::string(kModeline) + std::string(kFirstSchema);
    if (url) {
        const Source live = session.database_source(Access::read);
        name_left_out(session, live.schema);
        schema = std::string(kModeline) + write_schema(declare(live.schema));
        const Migration baseline = baseline_of(live.schema);
        if (!baseline.up.body.empty())
            write_new(session, session.config.migrations / migration_file_name(baseline), render_migration(baseline));
    }
    write_new(session, "tenon.yaml", configuration);
    write_new(session, "schema.yaml", schema);
    write_new(session, "tenon.schema.json", json_schema());
    return 0;
}

int run_inspect(Session& session) {
    const Source live = session.database_source(Access::read);
    name_left_out(session, live.schema);
    Schema schema = declare(live.schema);
    const auto folder = session.arguments.value("out");
    if (!folder) {
        session.terminal.out(write_schema(schema));
        return 0;
    }
    const std::filesystem::path out(*folder);
    if (std::filesystem::exists(out / "schema.yaml"))
        throw Error(ErrorCode::error, (out / "schema.yaml").string() + " exists already",
                    "name another folder; inspect never overwrites");
    for (const auto& [name, text] : take_long_bodies(schema)) write_new(session, out / name, text);
    write_new(session, out / "schema.yaml", std::string(kModeline) + write_schema(schema));
    write_new(session, out / "tenon.schema.json", json_schema());
    return 0;
}

}  // namespace tenon
