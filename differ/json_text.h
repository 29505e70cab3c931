// Writing small pieces of JSON: strings, and objects key by key.
#pragma once

#include <string>
#include <string_view>

namespace tenon {

/// `text` as a JSON string, quotes included.
std::string json_quote(std::string_view text);

/// A JSON object under construction: {"a":1,"b":"x"}.
class JsonObject {
public:
    /// Adds a key whose value is JSON already.
    JsonObject& raw(std::string_view key, std::string_view value);
    JsonObject& text(std::string_view key, std::string_view value) { return raw(key, json_quote(value)); }
    /// Adds the key only where there is a text.
    JsonObject& text_if(std::string_view key, std::string_view value) { return value.empty() ? *this : text(key, value); }
    JsonObject& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    std::string str() const { return "{" + body_ + "}"; }

private:
    std::string body_;
};

}  // namespace tenon
