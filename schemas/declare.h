// Internal: the declared form of an inspected schema, by dialect, and what the dialects share in making it.
#pragma once

#include <string>
#include <vector>

#include "schemas/schema.h"

namespace tenon {

namespace sqlite {
Schema declare(const Schema& inspected);
}
namespace postgres {
Schema declare(const Schema& inspected);
}

/// Names that are what nobody would have to give are not given.
void forget_conventional(ConstraintName& name, const std::string& table, const std::vector<std::string>& columns,
                         std::string_view suffix);

/// The columns by name; an expression is `expr`, as in conventional names.
std::vector<std::string> part_names(const std::vector<KeyPart>& parts);

}  // namespace tenon
