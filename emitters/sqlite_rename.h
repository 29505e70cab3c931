// Renames of tables and columns on SQLite.
#pragma once

#include <vector>

#include "emitters/emitter.h"

namespace tenon::sqlite {

/// ALTER TABLE RENAME for each, tables first, and what lets SQLite take those that it stumbles over.
Plan rename_plan(const Schema& from, const std::vector<Rename>& renames, const Capabilities& capabilities);

}  // namespace tenon::sqlite
