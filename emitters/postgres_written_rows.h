// Rows that a plan itself reads and writes, past what is there for other people's statements: policies, and publications.
#pragma once

#include "differ/change.h"
#include "emitters/postgres_items.h"

namespace tenon::postgres {

/// The statements, with the table's policies out of force for whoever owns it; `table` as it is when they run.
Statements past_policies(const Table& table, Statements statements);

/// The same for statements of an item that UPDATE or DELETE rows of a live table.  The server refuses that where they are
/// published and there is no way to tell them apart: then they are told apart by all their columns until the item is done.
Statements past_publications(const Changes& changes, const Table& table, Statements statements, Item& item, Items& items);

}  // namespace tenon::postgres
