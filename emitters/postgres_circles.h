// Parts that lead back to what they are a part of: a check that calls a function of its own table's rows.
//
// Such a part is made after its owner and goes before it, by a statement of its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schemas/schema.h"

namespace tenon::postgres {

class Circles {
public:
    Circles() = default;
    /// Sequences that columns own go with them, and so are in nobody's way where all goes.
    explicit Circles(const Schema& schema, bool dropping = false);

    const std::vector<std::string>& needs_of(const std::string& id) const;

    /// True where `part` needs something, beside its owner itself, that cannot be without `owner` or a column of it.
    bool lead_back(const std::string& part, const std::string& owner) const;

private:
    std::map<std::string, std::vector<std::string>> needs_;
};

}  // namespace tenon::postgres
