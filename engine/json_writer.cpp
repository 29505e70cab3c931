// Numbers, strings and blobs as JSON.
#include "engine/json_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace tenon {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// 0: as it is; 'u': \u00XX; 1: the first byte of a longer character; else the letter after the backslash.
constexpr std::array<char, 256> make_escapes() {
    std::array<char, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
    for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = 1;
    table['"'] = '"';
    table['\\'] = '\\';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['\b'] = 'b';
    table['\f'] = 'f';
    return table;
}
constexpr auto kEscapes = make_escapes();

/// Of eight bytes, those before the first that needs a second look: no ASCII, a control character, a quote or a backslash.
std::size_t plain_bytes(std::uint64_t word) {
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    constexpr std::uint64_t kHigh = 0x8080808080808080U;
    constexpr int kBits = 8;
    const auto has_zero = [](std::uint64_t w) { return (w - kOnes) & ~w & kHigh; };
    const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHigh;
    const std::uint64_t found = (word & kHigh) | below_space | has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\'));
    // Of the marks only the lowest can be trusted; where it is not that of the first byte, all are looked at one by one.
    if constexpr (std::endian::native == std::endian::little) return static_cast<std::size_t>(std::countr_zero(found)) / kBits;
    return found == 0 ? sizeof word : 0;
}

/// Length of the UTF-8 character at the start, 0 where there is none.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char c = byte(0);
    const std::size_t length = c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const bool overlong = (c == 0xE0 && byte(1) < 0xA0) || (c == 0xF0 && byte(1) < 0x90);
    const bool outside = (c == 0xED && byte(1) > 0x9F) || (c == 0xF4 && byte(1) > 0x8F);
    return overlong || outside ? 0 : length;
}

/// A reader that only says whether what it sees is JSON.
class Checker {
public:
    explicit Checker(std::string_view text) : text_(text) {}
    bool whole() {
        const bool good = value(0);
        space();
        return good && at_ == text_.size();
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    void space() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
    }
    bool word(std::string_view expected) {
        if (text_.substr(at_, expected.size()) != expected) return false;
        at_ += expected.size();
        return true;
    }
    bool digits() {
        const std::size_t start = at_;
        while (peek() >= '0' && peek() <= '9') ++at_;
        return at_ > start;
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            return digits();
        }
        return true;
    }
    bool string() {
        if (!take('"')) return false;
        while (at_ < text_.size() && text_[at_] != '"') {
            const auto c = static_cast<unsigned char>(text_[at_]);
            if (c < 0x20) return false;
            if (c >= 0x80) {
                const std::size_t length = character_length(text_.substr(at_));
                if (length == 0) return false;
                at_ += length;
            } else if (c == '\\') {
                ++at_;
                if (take('u')) {
                    for (int i = 0; i < 4; ++i) {
                        if (std::isxdigit(static_cast<unsigned char>(peek())) == 0) return false;
                        ++at_;
                    }
                } else if (std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos || peek() == '\0') {
                    return false;
                } else {
                    ++at_;
                }
            } else {
                ++at_;
            }
        }
        return take('"');
    }
    bool value(int depth) {
        constexpr int kDeepest = 200;
        if (depth > kDeepest) return false;
        space();
        switch (peek()) {
            case '{': return members(depth, '}', true);
            case '[': return members(depth, ']', false);
            case '"': return string();
            case 't': return word("true");
            case 'f': return word("false");
            case 'n': return word("null");
            default: return number();
        }
    }
    bool members(int depth, char close, bool keys) {
        ++at_;
        space();
        if (take(close)) return true;
        do {
            space();
            if (keys) {
                if (!string()) return false;
                space();
                if (!take(':')) return false;
            }
            if (!value(depth + 1)) return false;
            space();
        } while (take(','));
        return take(close);
    }
};

}  // namespace

void JsonWriter::grow(std::size_t count) {
    constexpr std::size_t kFirst = 256;
    const std::size_t wanted = std::max({kFirst, capacity_ * 2, size_ + count});
    std::unique_ptr<char[]> bytes(new char[wanted]);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = wanted;
}

void JsonWriter::integer(std::int64_t value) {
    constexpr std::size_t kLongest = 24;
    char* const at = room(kLongest);
    written(std::to_chars(at, at + kLongest, value).ptr);
}

void JsonWriter::real(double value) {
    if (!std::isfinite(value)) return null();
    constexpr std::size_t kLongest = 32;
    char* const at = room(kLongest);
    char* const end = std::to_chars(at, at + kLongest, value).ptr;
    written(end);
    const bool whole = std::none_of(at, end, [](char c) { return c == '.' || c == 'e'; });
    if (whole) raw(".0");
}

void JsonWriter::string(std::string_view text) {
    // Beside what is left of the text there is always room for one escape, the last quote and a whole word.
    constexpr std::size_t kSpare = 16;
    char* out = room(text.size() + kSpare);
    *out++ = '"';
    std::size_t i = 0;
    while (i < text.size()) {
        while (i + sizeof(std::uint64_t) <= text.size()) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i, sizeof word);
            std::memcpy(out, &word, sizeof word);
            const std::size_t plain = plain_bytes(word);
            i += plain;
            out += plain;
            if (plain < sizeof word) break;
        }
        if (i == text.size()) break;
        const char c = text[i];
        const char escape = kEscapes[static_cast<unsigned char>(c)];
        if (escape == 0) {
            *out++ = c;
            ++i;
        } else if (const std::size_t length = escape == 1 ? character_length(text.substr(i)) : 0; length > 0) {
            std::memcpy(out, text.data() + i, length);
            out += length;
            i += length;
        } else {
            ++i;
            written(out);
            if (escape == 1) {
                raw("\xEF\xBF\xBD");
            } else if (escape == 'u') {
                const auto code = static_cast<unsigned char>(c);
                raw("\\u00");
                raw({&kHex[code >> 4], 1});
                raw({&kHex[code & 15], 1});
            } else {
                const char letters[] = {'\\', escape};
                raw({letters, 2});
            }
            out = room(text.size() - i + kSpare);
        }
    }
    *out++ = '"';
    written(out);
}

void JsonWriter::base64(std::string_view bytes) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char* out = room((bytes.size() + 2) / 3 * 4 + 2);
    *out++ = '"';
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U; };
        const unsigned group = byte(0) << 16U | byte(1) << 8U | byte(2);
        *out++ = kDigits[group >> 18U];
        *out++ = kDigits[group >> 12U & 63U];
        *out++ = i + 1 < bytes.size() ? kDigits[group >> 6U & 63U] : '=';
        *out++ = i + 2 < bytes.size() ? kDigits[group & 63U] : '=';
    }
    *out++ = '"';
    written(out);
}

void JsonWriter::hex(std::string_view bytes) {
    char* out = room(bytes.size() * 2 + 2);
    *out++ = '"';
    for (const char c : bytes) {
        *out++ = kHex[static_cast<unsigned char>(c) >> 4];
        *out++ = kHex[static_cast<unsigned char>(c) & 15];
    }
    *out++ = '"';
    written(out);
}

bool is_json(std::string_view text) { return Checker(text).whole(); }

}  // namespace tenon
