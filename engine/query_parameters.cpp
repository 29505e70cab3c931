// Named parameters to numbered ones, by tokens.
#include "engine/query_parameters.h"

#include <algorithm>
#include <map>

#include "schemas/error.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

class Binder {
public:
    explicit Binder(const QueryRequest& request) : request_(request), tokens_(lex(request.where, Dialect::postgres)) {}

    BoundCondition run() {
        int brackets = 0;  // `a[1:n]` is a slice
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const std::string text = token_text(request_.where, tokens_[i]);
            if (text == "[") ++brackets;
            if (text == "]") --brackets;
            const bool named = text == ":" && i + 1 < tokens_.size() && tokens_[i + 1].kind == TokenKind::word;
            const std::string name = named ? token_text(request_.where, tokens_[i + 1]) : "";
            if (named && (brackets == 0 || has(name))) {
                bound_.sql += place(name);
                ++i;
            } else {
                bound_.sql += text;
            }
        }
        for (const auto& [name, value] : request_.params) {
            if (!numbers_.contains(name))
                throw Error(ErrorCode::error, "the condition has no parameter :" + name,
                            "write :" + name + " where the value belongs");
        }
        return std::move(bound_);
    }

private:
    using Parameter = std::pair<std::string, Value>;
    const QueryRequest& request_;
    std::vector<Token> tokens_;
    BoundCondition bound_;
    std::map<std::string, std::string> numbers_;

    bool has(const std::string& name) const {
        return std::ranges::find(request_.params, name, &Parameter::first) != request_.params.end();
    }

    std::string place(const std::string& name) {
        if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
        const auto given = std::ranges::find(request_.params, name, &Parameter::first);
        if (given == request_.params.end())
            throw Error(ErrorCode::error, "the parameter :" + name + " has no value", "give it: --param " + name + "=value");
        bound_.values.push_back(given->second);
        return numbers_[name] = "$" + std::to_string(bound_.values.size());
    }
};

}  // namespace

BoundCondition bind_by_position(const QueryRequest& request, Dialect dialect) {
    if (dialect == Dialect::postgres) return Binder(request).run();
    BoundCondition bound{.sql = request.where};
    for (const auto& [name, value] : request.params) bound.values.push_back(value);
    return bound;
}

}  // namespace tenon
