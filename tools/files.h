// Reading and writing files, and finding the parts of a schema.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migration_chain.h"
#include "schemas/yaml.h"

namespace tenon {

/// @throws Error where the file cannot be read.
std::string read_file(const std::filesystem::path& path);
/// Writes a file as a whole: under another name first, then renamed.  @throws Error
void write_file(const std::filesystem::path& path, std::string_view text);

/// The texts of a schema that is a file, a folder (its .yaml and .yml files) or a pattern with `*` in its last part, ordered by
/// name.  @throws Error where there are none.
std::vector<SchemaText> schema_texts(const std::filesystem::path& path);

/// The problems with the lines of the files that they are in, where those can be read.
Error with_source_lines(const Error& error);

/// The .sql files of a migrations folder; none where it does not exist.
std::vector<MigrationText> migration_texts(const std::filesystem::path& folder);

}  // namespace tenon
