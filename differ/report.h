// Changes told to people, and text diffs.
#pragma once

#include <string>
#include <string_view>

#include "differ/change.h"

namespace tenon {

/// A line or a few per change: `+ column post.subtitle text`, `~ column post.body  type: TEXT -> VARCHAR(40)`, `- table tag`,
/// `> rename column post.headline -> title`; then questions and unmanaged objects.  ANSI colours when `colour`.
std::string format_changes(const Changes& changes, const std::vector<Question>& questions, bool colour);

/// One change as it is said in `why` of a plan step: "add column post.subtitle".
std::string describe(const Change& change);

/// The two ends of a change as JSON values (objects, strings, or null), for `--format json`.
std::string change_json(const Change& change);

/// The hunks of a unified diff (three lines of context), without its head.
std::string unified_hunks(std::string_view from, std::string_view to, bool colour);

/// A unified diff (three lines of context) of two texts, with `---`/`+++` headers; empty where they are equal.
std::string unified_diff(std::string_view from, std::string_view to, std::string_view from_label, std::string_view to_label,
                         bool colour);

}  // namespace tenon
