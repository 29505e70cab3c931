// Internal: what PostgreSQL makes of declared things.
#pragma once

#include "schemas/schema.h"

namespace tenon::postgres {

/// Brings a resolved schema into the form that inspection gives, as far as that is known without a server: types and literal
/// defaults in the server's words; columns of partitions and of tables that inherit; serial columns as sequences; views,
/// functions, triggers, policies, comments, privileges, … as Objects.  Ids of functions are as declared.
void settle(const Schema& declared, Schema& resolved);

/// `smallserial`, `serial`, `bigserial` and their other names, as the integer type behind them; empty for others.
std::string serial_type(const std::string& type);

/// The Objects of a schema whose names are settled (a part of settle()).
void make_objects(const Schema& declared, Schema& resolved);

/// Adds `GRANT …` for what a declared schema says of a thing; see Object::id for `owner` (postgres_grants.cpp).
void add_grants(const std::string& owner, const Grants& grants, std::vector<Object>& objects);
void add_default_privileges(const DefaultPrivileges& entry, std::vector<Object>& objects);
/// True where a role gives what another gave it.
bool is_passed_on(const Object& grants);
/// Brings grants that stand as statements to the order of inspection, which is by role.
void sort_grants(Object& object);
/// What GRANT calls the thing of that id.
std::string grant_target(const std::string& id);
/// The grants that statements of inspection make; adds to what is there.  Columns' grants name their columns.
void read_grants(const std::string& statements, Grants& grants);

}  // namespace tenon::postgres
