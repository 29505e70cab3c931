// Internal: expressions over the columns of a table, printed by the server without opening that table.
//
// pg_get_expr() opens the relation it is told, and a new session must first gather all there is to know about it: columns,
// constraints, indexes, triggers.  That was a third of the time that reading a thousand tables took.  So an expression is
// printed as if it stood on a system catalog that is open anyway, and the names of that catalog's columns, which nothing else
// is called by, are changed for those of the table.
#pragma once

#include <string>

namespace tenon::postgres {

struct Relation;

/// SQL that prints `expression` (a pg_node_tree, or NULL) over the columns of the relation numbered `relation`, which has
/// `attributes`.
std::string printed_expression(const std::string& expression, const std::string& relation, const std::string& attributes);

/// What printed_expression() gave, in the words of the relation.  Its columns must be known.
std::string expression_on(const Relation& relation, std::string text);

}  // namespace tenon::postgres
