// Schema files from disk.
#pragma once

#include <string>

#include "schemas/schema.h"
#include "schemas/yaml.h"

namespace tenon {

/// Reads a declared schema: a file, or a folder of .yaml and .yml files.
/// @throws Error where there is none, or with every mistake of the files.
Schema load_schema(const std::string& path);

/// The text of `file: NAME` in the schema file at `path`: the name is relative to that file's folder.
/// @throws Error where it cannot be read.
SchemaText read_body(const std::string& path, const std::string& name);

}  // namespace tenon
