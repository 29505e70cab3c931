// Internal: YAML read by events, handed over in small trees: one per entry of a top-level mapping.
//
// YAML 1.2 as Tenon's files use it: `true`, `false` and the nulls are special, all else plain is text.  Aliases are replayed
// under a budget, `<<` merges mappings, a duplicate key is an error.  A file of 10,000 tables is never in memory as a whole.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/schema.h"
#include "schemas/yaml.h"

namespace tenon {

struct YamlNode {
    enum class Kind { null, scalar, sequence, mapping };
    Kind kind = Kind::null;
    int line = 0;                                          ///< counted from 1
    int column = 0;                                        ///< in code points, counted from 1
    bool quoted = false;                                   ///< a scalar in quotes, or a block scalar: always text
    bool flow = false;                                     ///< a collection written in `{ }` or `[ ]`
    std::string text{};                                    ///< scalars; the spelling of a null (`~`, `null` or nothing)
    std::vector<YamlNode> items{};                         ///< sequences
    std::vector<std::pair<YamlNode, YamlNode>> entries{};  ///< mappings, in order

    bool is_null() const { return kind == Kind::null; }
    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_sequence() const { return kind == Kind::sequence; }
    bool is_mapping() const { return kind == Kind::mapping; }
    /// A plain `true` or `false`.
    bool is_boolean() const { return is_scalar() && !quoted && (text == "true" || text == "false"); }
    /// The value of that key, or nullptr.
    const YamlNode* find(std::string_view key) const;
};

/// Gathers the mistakes of one file.
class YamlProblems {
public:
    explicit YamlProblems(const SchemaText& file) : file_(file), name_(file.path) {}
    void add(int line, int column, std::string message, std::string hint = {});
    void add(const YamlNode& at, std::string message, std::string hint = {}) {
        add(at.line, at.column, std::move(message), std::move(hint));
    }
    Where where(const YamlNode& at) const { return {name_, at.line, at.column}; }
    /// Where the content of a scalar begins.
    TextPlace text_place(const YamlNode& scalar);
    const std::vector<Problem>& list() const { return list_; }
    std::vector<Problem>& list() { return list_; }

private:
    const SchemaText& file_;
    FileName name_;
    std::vector<Problem> list_;
    std::vector<std::size_t> line_starts_;  ///< filled when first needed

    std::string_view line(int number);
};

/// Takes an entry: `section` is the top-level key; `key` is null where the section's value is no mapping and `value` is that
/// value (an empty mapping gives one call with an empty mapping).
using YamlEntry = std::function<void(const YamlNode& section, const YamlNode* key, YamlNode value)>;

/// Reads one file.  Syntax errors and duplicate keys go to `problems`; reading ends at the first syntax error.
void read_yaml(const SchemaText& file, YamlProblems& problems, const YamlEntry& entry);

/// True where a plain scalar of this text is special in YAML 1.2 or would not be read back as text.
bool is_special_scalar(std::string_view text);

}  // namespace tenon
