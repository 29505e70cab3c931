// Internal: a small tree of YAML to be written, and its printer.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {

/// A value to be written.  Scalars hold their content; quotes are put where YAML 1.2 needs them.
struct YamlValue {
    enum class Kind { scalar, sequence, mapping };
    Kind kind = Kind::scalar;
    std::string text{};
    bool verbatim = false;  ///< scalar: true, false, null, a number: never quoted
    bool block = false;     ///< collection: one line per entry, whatever its length
    std::vector<YamlValue> items{};
    std::vector<std::pair<std::string, YamlValue>> entries{};

    static YamlValue scalar(std::string text) {
        return {.kind = Kind::scalar, .text = std::move(text), .verbatim = false, .block = false, .items = {}, .entries = {}};
    }
    static YamlValue word(std::string text) {
        return {.kind = Kind::scalar, .text = std::move(text), .verbatim = true, .block = false, .items = {}, .entries = {}};
    }
    static YamlValue sequence(bool block = false) {
        return {.kind = Kind::sequence, .text = {}, .verbatim = false, .block = block, .items = {}, .entries = {}};
    }
    static YamlValue mapping(bool block = false) {
        return {.kind = Kind::mapping, .text = {}, .verbatim = false, .block = block, .items = {}, .entries = {}};
    }

    bool empty() const { return items.empty() && entries.empty(); }
    YamlValue& add(std::string key, YamlValue value) {
        entries.emplace_back(std::move(key), std::move(value));
        return *this;
    }
    /// Adds the key only where there is a text.
    YamlValue& add_text(std::string key, const std::string& value) {
        return value.empty() ? *this : add(std::move(key), scalar(value));
    }
    YamlValue& add_flag(std::string key, bool value) { return value ? add(std::move(key), word("true")) : *this; }
};

/// The text of a mapping: two spaces a level, small collections in one line.
std::string print_yaml(const YamlValue& mapping);

}  // namespace tenon
