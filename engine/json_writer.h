// JSON text into one reused buffer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon {

/// Appends JSON values.  Invalid UTF-8 becomes U+FFFD, NaN and infinities become null.
class JsonWriter {
public:
    std::string buffer{};

    void raw(std::string_view text) { buffer += text; }
    void null() { buffer += "null"; }
    void boolean(bool value) { buffer += value ? "true" : "false"; }
    void integer(std::int64_t value);
    /// The shortest text that reads back as the same double.
    void real(double value);
    void string(std::string_view text);
    /// A blob as base64 (RFC 4648, with padding) in quotes.
    void base64(std::string_view bytes);
    void hex(std::string_view bytes);
};

/// True for one complete JSON value (RFC 8259).
bool is_json(std::string_view text);

}  // namespace tenon
