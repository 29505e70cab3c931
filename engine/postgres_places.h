// Internal: what a server says of a statement, as said of the schema file that the statement comes from.
#pragma once

#include <map>
#include <string>

#include "schemas/error.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// Where the things of a resolved schema were declared, by their ids.
class Places {
public:
    explicit Places(const Schema& resolved);

    /// The problem of a failed statement: at its place in the schema file where that is known.  `id` is what it makes.
    Problem problem(const Error& error, const std::string& id, const std::string& statement) const;

private:
    std::map<std::string, TextPlace> places_;
    std::map<std::string, std::map<std::string, Where>> parts_;  ///< of tables: columns and constraints by name

    const TextPlace* place_of(const std::string& id) const;
};

}  // namespace tenon::postgres
