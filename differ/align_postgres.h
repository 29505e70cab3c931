// Internal: making a declared PostgreSQL schema comparable with what is live.
#pragma once

#include "differ/intents.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// Names of keys, constraints and indexes that nobody gave become those of live ones that do the same.
void adopt_live_names(const Schema& from, Schema& to);

/// What the declared schema does not speak of is copied from `from`: kinds that it does not mention, comments, privileges and
/// triggers of what it leaves alone, and dependencies among all that.
void keep_unmentioned(const Schema& from, Schema& to, const Intents& intents);

/// Whose a thing is may do all with it: what that role is granted besides makes no difference, and what it gives is the
/// owner's.
void forget_owners_grants(const Schema& from, Schema& to);
/// The same for the grants on one thing, under the role that owns it or comes to.
Object grants_under(const Object& grants, const std::string& owner);
/// Whose a schema says things are, by their ids.
std::map<std::string, std::string> owners_to_be(const Schema& to);
/// The id of what grants are on; for a column's, that of its relation as `owners` knows it.
std::string thing_of(const Object& grants, const std::map<std::string, std::string>& owners);

/// A NOT NULL that nobody named, or that cannot be renamed, is called as it is live.
void settle_not_null_names(const Schema& from, Schema& to);

/// Objects of `from` that are in `aligned` though `to` lacks them.
std::vector<Unmanaged> kept_objects(const Schema& from, const Schema& to, const Schema& aligned);

}  // namespace tenon::postgres
