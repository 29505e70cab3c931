// Types, literals and options in the words in which a PostgreSQL server prints them, as far as they are known without one.
#pragma once

#include <string>
#include <vector>

#include "schemas/schema.h"

namespace tenon::postgres {

/// `varchar(40)` is `character varying(40)`, `mood` (declared in the schema) is `public.mood`; what is not known stays as it
/// is.
std::string server_type(const std::string& type, const Schema& declared);

/// The shortest usual name of a type that the server printed: `varchar(40)`, `timestamptz`, `mood`.
std::string short_type(const std::string& type);

/// A literal as the default of a column of that (server's) type.
std::string server_literal(const Literal& literal, const std::string& type);

/// A collation given as a name (`C`, `de-x-icu`, `ext.german`) as SQL.  Those of `declared` are its own, others the server's.
std::string server_collation(const std::string& name, const Schema& declared);
/// The name of a collation that the server printed.
std::string collation_name(const std::string& sql);

/// All options of a sequence of that type: what is not given is the default.
Options sequence_options(const std::string& type, Options given);
/// Without those that are the default.
Options given_sequence_options(const std::string& type, const Options& all);

/// `EXCLUDE USING gist (room WITH =) WHERE (…)`.
std::string exclusion_text(const Exclusion& exclusion);
/// Fills in the parts of an exclusion whose definition is known.  False where it says more than the parts can.
bool parse_exclusion(const std::string& definition, Exclusion& exclusion);

/// `CREATE INDEX … ON …` of a materialized view.
std::string view_index_text(const Index& index, const std::string& view);
/// The index that the server's CREATE INDEX makes.  @throws Error where the text is none.
Index parse_index(const std::string& text);

}  // namespace tenon::postgres
