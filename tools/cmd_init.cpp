// tenon init: a project's first files.  tenon inspect: a database's schema as YAML.
#include "engine/inspect.h"
#include "engine/schema_hash.h"
#include "schemas/resolve.h"
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
    session.terminal.out(write_schema(declare(live.schema)));
    return 0;
}

}  // namespace tenon
