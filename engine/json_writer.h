// JSON text into one reused buffer.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace tenon {

/// Appends JSON values.  Invalid UTF-8 becomes U+FFFD, NaN and infinities become null.
class JsonWriter {
public:
    /// What was written since clear(); valid until more is.
    std::string_view text() const { return {bytes_.get(), size_}; }
    void clear() { size_ = 0; }

    /// Text that is JSON already.
    void raw(std::string_view text) {
        if (text.empty()) return;
        std::memcpy(room(text.size()), text.data(), text.size());
        size_ += text.size();
    }
    void null() { raw("null"); }
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void integer(std::int64_t value);
    /// The shortest text that reads back as the same double.
    void real(double value);
    void string(std::string_view text);
    /// A blob as base64 (RFC 4648, with padding) in quotes.
    void base64(std::string_view bytes);
    void hex(std::string_view bytes);

private:
    // Not a std::string, for that would fill with zeros what is about to be written.
    std::unique_ptr<char[]> bytes_{};
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;

    /// Where the next `count` bytes can be written.
    char* room(std::size_t count) {
        if (capacity_ - size_ < count) grow(count);
        return bytes_.get() + size_;
    }
    void grow(std::size_t count);
    /// All up to `end`, which room() led to, is written.
    void written(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.get()); }
};

/// True for one complete JSON value (RFC 8259).
bool is_json(std::string_view text);

}  // namespace tenon
