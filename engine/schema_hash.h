// A fingerprint of a schema: equal for schemas without a difference.
#pragma once

#include <string>

#include "schemas/schema.h"

namespace tenon {

/// Sixteen hexadecimal digits over what a resolved schema means: not over the spelling of its texts, nor the order of its
/// tables.
std::string schema_hash(const Schema& schema);

}  // namespace tenon
