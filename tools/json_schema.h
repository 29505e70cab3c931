// The JSON Schema of schema files, kept inside the command.
#pragma once

#include <string_view>

namespace tenon {

/// The text of schemas/tenon.schema.json, as it was when the command was built.
std::string_view json_schema();

}  // namespace tenon
