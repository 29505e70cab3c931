// Internal: the canonical YAML before blank lines are put in.
#pragma once

#include <string>

#include "schemas/schema.h"

namespace tenon {

std::string plain_yaml(const Schema& declared);

}  // namespace tenon
