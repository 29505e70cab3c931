// Values of types that are made anew under the same name.
#pragma once

#include "emitters/postgres_ddl.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// Brings a column to the new type of the same name: by way of its values' texts, which is strict; attribute by attribute where
/// attributes have other places than before, for a text tells only their order.
Statements retype_made_anew(const Schema& from, const Schema& to, const Table& table, const Column& old, const Column& now);

}  // namespace tenon::postgres
