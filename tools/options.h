// The command line: one small parser for all verbs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

/// A flag that a verb takes.
struct Option {
    enum class Value { none, required, optional };
    std::string_view name{};  ///< without the dashes
    Value value = Value::none;
    std::string_view placeholder{};  ///< "URL"
    std::string_view help{};
    char letter = 0;                          ///< short form, or 0
    std::vector<std::string_view> choices{};  ///< the only values it takes; empty where it takes any
};

/// What a command line said.
class Arguments {
public:
    std::vector<std::string> positional{};

    bool has(std::string_view flag) const { return values_.find(flag) != values_.end(); }
    /// The last value given, or nothing.
    std::optional<std::string> value(std::string_view flag) const;
    /// Every value given; a flag without its optional value gives an empty text.
    std::vector<std::string> values(std::string_view flag) const;
    void add(std::string_view flag, std::string text) { values_[std::string(flag)].push_back(std::move(text)); }

private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Flags that every verb takes.
const std::vector<Option>& common_options();

/// @throws Error (usage) for an unknown flag, a missing or unknown value, or more than `most` positional arguments.
Arguments parse_arguments(const std::vector<std::string>& words, const std::vector<Option>& own, std::size_t most);

/// The lines of `--help` about flags.
std::string options_help(const std::vector<Option>& own);

}  // namespace tenon
