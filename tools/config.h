// tenon.yaml and the environment: where the schema, the migrations and the database are.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/options.h"

namespace tenon {

/// The settings of a run, flags already applied: flag over --env over environment variable over .env over file.
struct Config {
    std::filesystem::path schema = "schema.yaml";
    std::filesystem::path migrations = "migrations";
    std::optional<std::string> url{};
    std::optional<std::string> scratch_url{};  ///< a PostgreSQL server where schemas are tried
    std::vector<std::string> ignore{};
    bool classic_rebuild = false;
    std::filesystem::path file{};  ///< the configuration file, empty where there is none
};

/// @throws Error with file:line:column for what the file should not hold, usage for an environment it does not have.
Config load_config(const Arguments& arguments);

}  // namespace tenon
