// Elements of keys and indexes as texts: `title`, `lower(title) desc`, `name collate "C" text_pattern_ops nulls first`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/schema.h"

namespace tenon {

/// The element that `text` spells, in the grammar that both dialects' CREATE INDEX share; empty where it is none.
std::optional<KeyPart> parse_key_part(std::string_view text);

/// The element as a text that parse_key_part() reads back; PostgreSQL's CREATE INDEX takes it as it is.  Expressions stand in
/// parentheses unless they are a call.
std::string key_part_text(const KeyPart& part);

/// Splits at the commas that stand outside of parentheses, brackets and quotes; pieces without surrounding space.
std::vector<std::string> split_at_commas(std::string_view text);

}  // namespace tenon
