// From a declared schema to what one dialect would hold, and back.
#pragma once

#include "schemas/schema.h"

namespace tenon {

/// The schema as `dialect` would hold it: texts and types of that dialect chosen, an implicit `id` added, inline shorthands
/// spread, names given by convention (`post_user_id_fkey`, marked as not given), enums turned into CHECKs on SQLite, literal
/// defaults turned into SQL.  What the dialect does not have is left out.  Relations, json and intents are dropped.
Schema resolve(const Schema& declared, Dialect dialect);

/// Keys of `declared` that `dialect` does not have and skips, as "table.column: key" lines (`tenon check` prints them).
std::vector<std::string> skipped_keys(const Schema& declared, Dialect dialect);

/// The declared form of an inspected schema: portable type names, inline foreign keys and uniques where they fit, `unchecked`
/// and per-dialect texts where a portable form would not read back.  resolve(declare(s)) equals s but for what only the
/// stored text holds.  What cannot be declared is left out and stays in `unmanaged` by name.
Schema declare(const Schema& inspected);

/// PostgreSQL's convention: `post_user_id_fkey`, `user_email_key`, `post_title_check`, `post_pkey`, `post_user_id_idx`, cut
/// to 63 bytes as the server does.
std::string conventional_name(std::string_view table, const std::vector<std::string>& columns, std::string_view suffix);

}  // namespace tenon
