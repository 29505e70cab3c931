// Sources, and what verbs share.
#include "tools/session.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <utility>

#include "differ/diff.h"
#include "differ/json_text.h"
#include "engine/inspect.h"
#include "engine/load_schema.h"
#include "engine/runner_body.h"
#include "schemas/postgres_names.h"
#include "schemas/resolve.h"
#include "schemas/yaml.h"
#include "tools/files.h"

namespace tenon {
namespace {

namespace fs = std::filesystem;

bool is_url(const std::string& text) {
    const auto colon = text.find(':');
    if (colon == std::string::npos) return false;
    return text.starts_with("sqlite") || text.starts_with("postgres") || text.substr(colon).starts_with("://");
}

Rename parse_rename(const std::string& text) {
    const auto equals = text.find('=');
    const auto [table, column] = postgres::split_last(text.substr(0, equals));
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        throw Error(ErrorCode::usage, "--rename " + text + " names no rename",
                    "write --rename table=table or --rename table.column=column");
    }
    Rename rename;
    rename.to = text.substr(equals + 1);
    if (table.empty()) {
        rename.kind = Rename::Kind::table;
        rename.from = text.substr(0, equals);
    } else {
        rename.kind = Rename::Kind::column;
        rename.table = table;
        rename.from = column;
        // `--rename t.old=t.new` says the same.
        if (rename.to.starts_with(rename.table + ".")) rename.to = rename.to.substr(rename.table.size() + 1);
    }
    return rename;
}

Schema empty_schema(Dialect dialect) {
    Schema schema;
    schema.dialect = dialect;
    if (dialect == Dialect::postgres) schema.schemas = {"public"};
    return schema;
}

}  // namespace

Session::Session(Arguments given, Config found, Terminal said)
    : arguments(std::move(given)), config(std::move(found)), terminal(said) {}

Url Session::url() const {
    if (!config.url)
        throw Error(ErrorCode::usage, "no database is named",
                    "give --url sqlite:file.db, set DATABASE_URL (or the variable that `url:` of tenon.yaml names)");
    return parse_url(*config.url);
}

std::vector<Dialect> Session::dialects() const {
    std::vector<Dialect> found;
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgres}) {
        if (fs::is_directory(config.migrations / dialect_name(dialect))) found.push_back(dialect);
    }
    if (found.empty() || arguments.has("dialect")) return {dialect()};
    return found;
}

Session Session::in_dialect(Dialect dialect) const {
    Session session = *this;
    session.dialect_ = dialect;
    return session;
}

fs::path Session::migrations_folder() const {
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgres}) {
        if (fs::is_directory(config.migrations / dialect_name(dialect)))
            return config.migrations / dialect_name(this->dialect());
    }
    return config.migrations;
}

Dialect Session::dialect() const {
    if (dialect_) return *dialect_;
    if (const auto named = arguments.value("dialect")) {
        for (const Dialect dialect : {Dialect::sqlite, Dialect::postgres}) {
            if (*named == dialect_name(dialect)) return dialect;
        }
        throw Error(ErrorCode::usage, "unknown dialect " + *named, "sqlite or postgres");
    }
    for (const char* side : {"from", "to"}) {
        if (const auto source = arguments.value(side); source && is_url(*source)) return parse_url(*source).dialect;
    }
    if (config.url) return parse_url(*config.url).dialect;
    for (const MigrationText& file : migration_texts(config.migrations)) {
        if (const auto dialect = parse_migration(file.path, file.text, Dialect::sqlite).dialect) return *dialect;
    }
    return Dialect::sqlite;
}

ScratchPlace Session::scratch_place() const {
    ScratchPlace place{dialect(), ""};
    if (place.dialect == Dialect::sqlite) return place;
    if (const auto named = arguments.value("scratch-url")) {
        place.server = *named;
        return place;
    }
    if (config.scratch_url) {
        place.server = *config.scratch_url;
        return place;
    }
    for (const char* side : {"from", "to"}) {
        if (const auto source = arguments.value(side);
            source && is_url(*source) && parse_url(*source).dialect == place.dialect) {
            place.server = *source;
            return place;
        }
    }
    if (config.url && parse_url(*config.url).dialect == place.dialect) {
        place.server = *config.url;
    }
    return place;
}

Decisions Session::decisions() const {
    Decisions decisions;
    for (const std::string& value : arguments.values("allow-destructive")) {
        if (value.empty()) {
            decisions.allow_destructive = true;
        } else {
            decisions.allowed_losses.insert(value);
        }
    }
    for (const std::string& value : arguments.values("rename")) decisions.renames.push_back(parse_rename(value));
    return decisions;
}

Schema Session::declared_schema() const { return read_schema(schema_texts(config.schema), read_body); }

std::vector<Migration> Session::migrations() const { return load_migrations(migration_texts(migrations_folder()), dialect()); }

std::chrono::milliseconds Session::lock_timeout() const {
    const auto given = arguments.value("lock-timeout");
    if (!given) return arguments.has("wait") ? std::chrono::hours(24) : std::chrono::milliseconds(5000);
    long number = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), number);
    const std::string unit(end, given->data() + given->size());
    if (error != std::errc{} || number < 0 || (unit != "s" && unit != "ms" && unit != "m" && !unit.empty())) {
        throw Error(ErrorCode::usage, "--lock-timeout " + *given + " is no time", "write 500ms, 5s or 2m");
    }
    return std::chrono::milliseconds(unit == "ms" ? number : unit == "m" ? number * 60000 : number * 1000);
}

Capabilities Session::with_settings(Capabilities capabilities) const {
    if (config.classic_rebuild) capabilities.edit_stored_definition = capabilities.exchange_root_pages = false;
    return capabilities;
}

RunOptions Session::run_options() {
    catch_stop_signals();
    RunOptions options;
    options.now = now_utc;
    options.dry_run = arguments.has("dry-run");
    options.allow_destructive = arguments.has("allow-destructive");
    options.lock_timeout = lock_timeout();
    options.stopped = stop_requested;
    options.progress = [this](const Progress& at) { terminal.progress(at.label, at.statement - 1, at.statements); };
    return options;
}

Source Session::schema_source() const { return source(config.schema.string()); }

Source Session::database_source(Access access) const {
    Source out;
    out.connection = open_connection(url(), access, lock_timeout());
    out.schema = inspect(*out.connection);
    return out;
}

Schema Session::replayed(const std::vector<Migration>& all, const std::string& version) const {
    auto scratch = open_scratch(place_for(scratch_place(), all));
    replay(*scratch, all, version);
    return inspect(*scratch);
}

Changes Session::left_to_do(const Schema& from, const Source& target) const {
    Changes changes = compare(from, target.schema, target.intents);
    if (changes.empty() || dialect() == Dialect::sqlite) return changes;
    PlanRequest request{.from = from,
                        .to = target.schema,
                        .intents = target.intents,
                        .decisions = {.allow_destructive = true},
                        .capabilities = {},
                        .scratch = scratch_place()};
    return plan_changes(request).changes;
}

Source Session::source(const std::string& text) const {
    Source out = read_source(text);
    settle(out);
    return out;
}

void Session::settle(Source& source, const Schema* live) const {
    if (std::exchange(source.settled, true)) return;
    Materialized made = materialize(std::move(source.schema), scratch_place(), live, source.intents);
    source.schema = std::move(made.schema);
    source.in_sync = std::move(made.in_sync);
}

Source Session::read_source(const std::string& text) const {
    Source out;
    if (text == "empty") {
        out.schema = empty_schema(dialect());
        return out;
    }
    if (is_url(text)) {
        out.connection = open_connection(parse_url(text), Access::read, lock_timeout());
        out.schema = inspect(*out.connection);
        return out;
    }
    const auto at = text.rfind('@');
    const fs::path folder = at == std::string::npos ? text : text.substr(0, at);
    const auto holds_sql = [](const fs::path& path) {
        return std::ranges::any_of(fs::directory_iterator(path),
                                   [](const auto& entry) { return entry.path().extension() == ".sql"; });
    };
    if (fs::is_directory(folder) && (at != std::string::npos || holds_sql(folder))) {
        const std::string version = at == std::string::npos ? "" : text.substr(at + 1);
        const std::vector<Migration> files = load_migrations(migration_texts(folder), dialect());
        const bool known =
            version.empty() || std::ranges::any_of(files, [&](const Migration& m) { return m.version == version; });
        if (!known)
            throw Error(ErrorCode::usage, folder.string() + " has no migration " + version, "`tenon status` lists them");
        out.schema = replayed(files, version);
        return out;
    }
    if (fs::path(text).extension() == ".sql") {
        out.schema = materialize_script(read_file(text), scratch_place());
        return out;
    }
    out.declared = read_schema(schema_texts(text), read_body);
    out.intents = intents_of(*out.declared, dialect());
    out.intents.ignored = config.ignore;
    out.schema = resolve(*out.declared, dialect());
    out.settled = false;
    return out;
}

int refuse(const Session& session, const std::vector<Question>& questions, bool json) {
    if (json) {
        std::string list;
        for (const Question& question : questions) {
            list += (list.empty() ? "" : ",") + JsonObject()
                                                    .text("kind", question.kind)
                                                    .text("old", question.from)
                                                    .text("new", question.to)
                                                    .text("flag", question.flag)
                                                    .str();
        }
        session.terminal.out("{\"version\":1,\"questions\":[" + list + "]}\n");
    }
    session.terminal.warn("refused: this needs a decision\n");
    for (const Question& question : questions) {
        std::string line = "  " + question.kind + " " + question.from + (question.to.empty() ? "" : " -> " + question.to) +
                           "?   " + question.flag;
        if (!question.to.empty()) line += "   (or, if it is none: --allow-destructive=" + question.from + ")";
        session.terminal.warn(line);
    }
    return static_cast<int>(ErrorCode::refused);
}

std::string now_utc() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::string text(20, '\0');
    std::strftime(text.data(), text.size() + 1, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

}  // namespace tenon
