// Schema files from disk.
#pragma once

#include <string>

#include "schemas/schema.h"

namespace tenon {

/// Reads a declared schema: a file, or a folder of .yaml and .yml files.
/// @throws Error where there is none, or with every mistake of the files.
Schema load_schema(const std::string& path);

}  // namespace tenon
