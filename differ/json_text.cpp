// JSON strings and objects.
#include "differ/json_text.h"

namespace tenon {

std::string json_quote(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += "\\u00";
                    out += kHex[static_cast<unsigned char>(c) >> 4];
                    out += kHex[static_cast<unsigned char>(c) & 15];
                } else {
                    out += c;
                }
        }
    }
    return out + '"';
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view value) {
    if (!body_.empty()) body_ += ",";
    body_ += json_quote(key) + ":" + std::string(value);
    return *this;
}

}  // namespace tenon
