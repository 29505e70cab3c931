// Times as people's databases hold them, and as JSON wants them (RFC 3339).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon {

/// Microseconds since 1970-01-01T00:00:00Z of `YYYY-MM-DD[ T]HH:MM[:SS[.ffffff]][Z|±HH[:]MM]`, or of a date alone.  A time
/// without a zone is taken as UTC.  Nothing where the text is no such time.
std::optional<std::int64_t> parse_time(std::string_view text);

/// `2024-01-02T03:04:05.678901`; the fraction has 0, 3 or 6 digits, as many as it needs, and none where `seconds` is set.
std::string iso_time(std::int64_t microseconds, bool seconds);

}  // namespace tenon
