// Internal: privileges of a declared schema as inspection tells them.
#pragma once

#include "schemas/schema.h"

namespace tenon::postgres {

/// Gives the GRANTS of `schema` the ids and words of inspection: functions by their arguments, ALL spelt out for that version
/// of the server (0: not known, ALL stays).
void settle_grants(Schema& schema, int version);

/// Gives the `owner:` objects of a resolved schema the ids of `made`, the same schema as inspected.
std::vector<Object> settled_owners(std::vector<Object> owners, const Schema& made);

}  // namespace tenon::postgres
