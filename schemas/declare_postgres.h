// Internal: parts of the declared form of what inspection found in a PostgreSQL database.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "schemas/schema.h"

namespace tenon::postgres {

/// Comments and privileges by the id of what they are on; each is taken once.
class Remarks {
public:
    explicit Remarks(const Schema& inspected);
    std::string comment(const std::string& id);
    bool has(const std::string& id) const;
    /// Privileges on the thing, and where it has columns on those.
    std::optional<Grants> grants(const std::string& id, const std::vector<std::string>& column_ids = {});
    Rights rights(const std::string& id) { return {.owner = {}, .grants = grants(id)}; }
    /// Objects that were not asked for.
    std::vector<const Object*> left() const;

private:
    struct Remark {
        const Object* object = nullptr;
        bool taken = false;
    };
    std::map<std::string, Remark> comments_;
    std::multimap<std::string, Remark> grants_;
};

/// Tables as a person would write them; names of constraints and indexes are all given.  Returns the sequences that a `serial`
/// column says.
std::set<std::string> declare_tables(const Schema& inspected, Remarks& remarks, Schema& declared);

/// Takes away the names that resolve() gives again.
void leave_out_names(const Schema& inspected, Schema& declared);

/// The usual name where the reader takes it and it leads back to the same type, else the type for PostgreSQL alone.
Sql declared_type(const Schema& inspected, const std::string& type);
/// A scalar where a person would write one and it leads back to the same text.
Default declared_default(const Schema& inspected, const Sql& live, const std::string& type);
Sql without_parentheses(const Sql& sql);

/// Moves views, functions, triggers, policies, … into the declared schema; what does not fit any key goes to its `objects`.
void declare_objects(const Schema& inspected, Remarks& remarks, Schema& declared);

/// `billing.f` of `FUNCTION billing.f(integer)`: schema (empty for public), name, and what follows.
struct IdName {
    std::string schema{};
    std::string name{};
    std::string rest{};
};
IdName name_of_id(const std::string& id, std::string_view kind);

}  // namespace tenon::postgres
