// What every verb starts from: arguments, configuration, terminal; and the sources it is given.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "differ/intents.h"
#include "engine/connection.h"
#include "engine/planner.h"
#include "engine/runner.h"
#include "tools/config.h"
#include "tools/options.h"
#include "tools/terminal.h"

namespace tenon {

/// A source, read: the schema a dialect holds or would hold, and what a schema file says of the way there.
struct Source {
    Schema schema{};
    Intents intents{};
    std::optional<Schema> declared{};          ///< set for a schema file
    bool settled = true;                       ///< false for a schema file until Session::settle() has been called
    std::optional<Changes> in_sync{};          ///< set where settle() found that nothing differs from `live`
    std::unique_ptr<Connection> connection{};  ///< set for a database
};

class Session {
public:
    Session(Arguments arguments, Config config, Terminal terminal);

    const Arguments arguments;
    const Config config;
    Terminal terminal;

    /// The configured database.  @throws Error (usage) where none is.
    Url url() const;
    Dialect dialect() const;
    /// The dialects that the project has migrations for: those with a folder of their own in the migrations folder
    /// (`migrations/sqlite`, `migrations/postgres`); without such folders, or with --dialect, the one of dialect().
    std::vector<Dialect> dialects() const;
    /// The same session, of one of these dialects.
    Session in_dialect(Dialect dialect) const;
    /// Where this dialect's migrations are.
    std::filesystem::path migrations_folder() const;
    /// Where schemas are tried: --scratch-url (or `scratch_url:`), else beside the configured database.
    ScratchPlace scratch_place() const;
    Decisions decisions() const;
    Schema declared_schema() const;
    std::vector<Migration> migrations() const;
    RunOptions run_options();
    std::chrono::milliseconds lock_timeout() const;
    Capabilities with_settings(Capabilities capabilities) const;

    /// The source of the configured schema, of the configured database, or of what a flag names.
    Source schema_source() const;
    Source database_source(Access access) const;
    Source source(const std::string& text) const;
    /// The same but for schema files, which are only read; settle() then gives what a database would hold.
    Source read_source(const std::string& text) const;
    /// `live`: the database that the schema will be compared with, if it is known.
    void settle(Source& source, const Schema* live = nullptr) const;
    /// The schema that the migrations make, up to a version or (empty) all of them.
    Schema replayed(const std::vector<Migration>& migrations, const std::string& version) const;
    /// What differs between a schema and a target.  Where the server prints a text otherwise once it has read it back, that is
    /// no difference.
    Changes left_to_do(const Schema& from, const Source& target) const;

private:
    std::optional<Dialect> dialect_{};
};

/// Prints what needs a person's decision and gives exit status 3.  On stdout as JSON where `json`.
int refuse(const Session& session, const std::vector<Question>& questions, bool json);

/// "2026-01-01T12:00:00Z"
std::string now_utc();

}  // namespace tenon
