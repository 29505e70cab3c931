// Internal: what SQLite makes of declared things.
#pragma once

#include <string>

#include "schemas/schema.h"

namespace tenon::sqlite {

/// SQLite has no schemas: `billing.invoice` is the table billing_invoice.
void qualify(std::string& schema, std::string& name);
void qualify_reference(std::string& table);

/// @throws Error for a decimal of more digits than SQLite keeps.
void refuse_wide_decimal(const Column& column, const std::string& table);

/// A STRICT table knows INT, INTEGER, REAL, TEXT, BLOB and ANY alone.
std::string strict_type(const Sql& declared, const Schema& schema);

/// An enum's values and a domain's rules become the column's.
void spread_type(const Schema& schema, const std::string& type, Table& table, Column& column);

/// A single integer key is the rowid, so that SQLite assigns it.
void settle_key(Table& table, bool implicit);

/// Takes out what only PostgreSQL has.
void drop_foreign_features(Table& table);

/// now(), gen_random_uuid(), true and false in SQLite's words.
std::string translated(const std::string& expression, const std::string& type);

Sql whole_view(const View& view);
Sql whole_trigger(const Trigger& trigger, const std::string& table);

}  // namespace tenon::sqlite
