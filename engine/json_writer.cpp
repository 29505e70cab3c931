// Numbers, strings and blobs as JSON.
#include "engine/json_writer.h"

#include <array>
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

/// How many bytes from `at` on need no second look, eight at a time: ASCII without control characters, quotes and backslashes.
std::size_t plain_run(std::string_view text, std::size_t at) {
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    constexpr std::uint64_t kHigh = 0x8080808080808080U;
    const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHigh; };
    const std::size_t start = at;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHigh;
        if (((word & kHigh) | below_space | has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\'))) != 0) break;
    }
    return at - start;
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

void JsonWriter::integer(std::int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    buffer.append(digits.data(), end);
}

void JsonWriter::real(double value) {
    if (!std::isfinite(value)) return null();
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    buffer += text;
    if (text.find_first_of(".e") == std::string_view::npos) buffer += ".0";
}

void JsonWriter::string(std::string_view text) {
    buffer += '"';
    std::size_t clean = 0;
    std::size_t i = 0;
    const auto flush = [&](std::size_t end) { buffer.append(text.data() + clean, end - clean); };
    while (i < text.size()) {
        i += plain_run(text, i);
        if (i == text.size()) break;
        const char escape = kEscapes[static_cast<unsigned char>(text[i])];
        if (escape == 0) {
            ++i;
            continue;
        }
        if (escape == 1) {
            if (const std::size_t length = character_length(text.substr(i)); length > 0) {
                i += length;
                continue;
            }
            flush(i);
            buffer += "\xEF\xBF\xBD";
        } else {
            flush(i);
            buffer += '\\';
            buffer += escape;
            if (escape == 'u') {
                buffer += "00";
                buffer += kHex[static_cast<unsigned char>(text[i]) >> 4];
                buffer += kHex[static_cast<unsigned char>(text[i]) & 15];
            }
        }
        clean = ++i;
    }
    flush(text.size());
    buffer += '"';
}

void JsonWriter::base64(std::string_view bytes) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    buffer += '"';
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U; };
        const unsigned group = byte(0) << 16U | byte(1) << 8U | byte(2);
        buffer += kDigits[group >> 18U];
        buffer += kDigits[group >> 12U & 63U];
        buffer += i + 1 < bytes.size() ? kDigits[group >> 6U & 63U] : '=';
        buffer += i + 2 < bytes.size() ? kDigits[group & 63U] : '=';
    }
    buffer += '"';
}

void JsonWriter::hex(std::string_view bytes) {
    buffer += '"';
    for (const char c : bytes) {
        buffer += kHex[static_cast<unsigned char>(c) >> 4];
        buffer += kHex[static_cast<unsigned char>(c) & 15];
    }
    buffer += '"';
}

bool is_json(std::string_view text) { return Checker(text).whole(); }

}  // namespace tenon
