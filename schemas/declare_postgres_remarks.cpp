// Comments and privileges of an inspected schema, by what they are on.
#include "schemas/declare_postgres.h"
#include "schemas/resolve_postgres.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {

Remarks::Remarks(const Schema& inspected) {
    constexpr std::string_view kComment = "COMMENT ON ";
    for (const Object& object : inspected.objects) {
        if (object.id.starts_with(kComment)) comments_[object.id.substr(kComment.size())] = {&object, false};
        if (object.id.starts_with("GRANTS ON ")) grants_.emplace(object.owner, Remark{&object, false});
    }
}

std::string Remarks::comment(const std::string& id) {
    const auto found = comments_.find(id);
    if (found == comments_.end()) return "";
    const std::string& text = found->second.object->definition.text;
    const std::string head = "COMMENT ON " + id + " IS ";
    const std::string value = text.starts_with(head) ? text.substr(head.size()) : "";
    const std::vector<Token> tokens = lex(value, Dialect::postgres);
    // COMMENT … IS NULL takes a standard comment away: there is no key for that.
    if (tokens.size() != 1 || tokens[0].kind != TokenKind::string || !value.starts_with('\'')) return "";
    found->second.taken = true;
    return token_name(value, tokens[0]);
}

std::optional<Grants> Remarks::grants(const std::string& id, const std::vector<std::string>& column_ids) {
    std::optional<Grants> out;
    const auto take = [&](const std::string& of) {
        const auto [first, last] = grants_.equal_range(of);
        for (auto at = first; at != last; ++at) {
            // There is no key for who passed a privilege on.
            if (at->second.object->definition.text.find("SET ROLE ") != std::string::npos) continue;
            at->second.taken = true;
            if (!out) out.emplace();
            read_grants(at->second.object->text(), *out);
        }
    };
    take(id);
    for (const std::string& column : column_ids) take(column);
    return out;
}

bool Remarks::has(const std::string& id) const { return comments_.contains(id) || grants_.contains(id); }

std::vector<const Object*> Remarks::left() const {
    std::vector<const Object*> out;
    for (const auto& [id, remark] : comments_) {
        if (!remark.taken) out.push_back(remark.object);
    }
    for (const auto& [id, remark] : grants_) {
        if (!remark.taken) out.push_back(remark.object);
    }
    return out;
}

}  // namespace tenon::postgres
