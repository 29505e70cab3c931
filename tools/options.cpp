// Parsing flags: `--flag value`, `--flag=value`, `-f value`; an optional value only after `=`.
#include "tools/options.h"

#include <algorithm>

#include "schemas/error.h"
#include "schemas/joined.h"

namespace tenon {
namespace {

const Option* find_option(const std::vector<Option>& own, const auto& matches) {
    for (const std::vector<Option>* list : {&own, &common_options()}) {
        const auto found = std::ranges::find_if(*list, matches);
        if (found != list->end()) return &*found;
    }
    return nullptr;
}

/// `--flag VALUE`, `--flag[=VALUE]`
std::string usage_of(const std::string& flag, const Option& option) {
    const std::string value(option.placeholder);
    if (option.value == Option::Value::none) return flag;
    return option.value == Option::Value::required ? flag + " " + value : flag + "[=" + value + "]";
}

[[noreturn]] void unknown(const std::string& flag, const std::vector<Option>& own) {
    std::vector<std::string> known;
    for (const std::vector<Option>* list : {&own, &common_options()}) {
        for (const Option& option : *list) known.push_back("--" + std::string(option.name));
    }
    const std::string close = did_you_mean(flag, known);
    throw Error(ErrorCode::usage, "unknown flag " + flag,
                close.empty() ? "--help lists the flags" : "did you mean " + close + "?");
}

/// The value of a flag.  An empty one is what a shell makes of a variable that is not set.
std::string checked(std::string value, const std::string& flag, const Option& option) {
    if (value.empty()) throw Error(ErrorCode::usage, flag + " needs a value", "write " + usage_of(flag, option));
    if (!option.choices.empty() && std::ranges::find(option.choices, value) == option.choices.end())
        throw Error(ErrorCode::usage, "unknown " + flag + " " + value, joined(option.choices, ", "));
    return value;
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view flag) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::values(std::string_view flag) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

const std::vector<Option>& common_options() {
    using enum Option::Value;
    static const std::vector<Option> kOptions{
        {"url", required, "URL", "the database (sqlite:file.db)", 'u'},
        {"scratch-url", required, "URL", "PostgreSQL: where schemas are tried (default: beside the database)"},
        {"schema", required, "PATH", "the schema file or folder (default: schema.yaml)"},
        {"migrations", required, "DIR", "the migrations folder (default: migrations)"},
        {"config", required, "FILE", "the configuration (default: tenon.yaml here or above)"},
        {"env", required, "NAME", "an environment of the configuration"},
        {"color", required, "WHEN", "auto, always or never", 0, {"auto", "always", "never"}},
        {"quiet", none, "", "say only what is asked for", 'q'},
        {"verbose", none, "", "say more", 'v'},
        {"help", none, "", "this text", 'h'},
    };
    return kOptions;
}

Arguments parse_arguments(const std::vector<std::string>& words, const std::vector<Option>& own, std::size_t most) {
    Arguments out;
    bool flags_over = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (flags_over || word.size() < 2 || word[0] != '-') {
            if (out.positional.size() >= most)
                throw Error(ErrorCode::usage, "unexpected argument: " + word, "--help shows what this verb takes");
            out.positional.push_back(word);
            continue;
        }
        if (word == "--") {
            flags_over = true;
            continue;
        }
        const auto equals = word.find('=');
        const std::string flag = word.substr(0, equals);
        const bool is_long = word[1] == '-';
        const Option* option = find_option(
            own, [&](const Option& o) { return is_long ? flag.substr(2) == o.name : flag.size() == 2 && o.letter == flag[1]; });
        if (option == nullptr) unknown(flag, own);
        if (option->value == Option::Value::none) {
            if (equals != std::string::npos) throw Error(ErrorCode::usage, flag + " takes no value", "write " + flag);
            out.add(option->name, "");
        } else if (equals != std::string::npos) {
            out.add(option->name, checked(word.substr(equals + 1), flag, *option));
        } else if (option->value == Option::Value::optional) {
            out.add(option->name, "");
        } else {
            out.add(option->name, checked(++i < words.size() ? words[i] : "", flag, *option));
        }
    }
    return out;
}

std::string options_help(const std::vector<Option>& own) {
    std::string out;
    for (const std::vector<Option>* list : {&own, &common_options()}) {
        for (const Option& option : *list) {
            std::string left = "  " + (option.letter == 0 ? std::string("    ") : std::string("-") + option.letter + ", ") +
                               usage_of("--" + std::string(option.name), option);
            left.resize(std::max<std::size_t>(left.size() + 2, 36), ' ');
            out += left + std::string(option.help) + "\n";
        }
    }
    return out;
}

}  // namespace tenon
