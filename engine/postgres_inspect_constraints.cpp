// Constraints and indexes in a PostgreSQL database.
#include <algorithm>
#include <set>

#include "engine/postgres_expressions.h"
#include "engine/postgres_inspect.h"
#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

std::string action(std::string_view letter) {
    switch (letter.empty() ? 'a' : letter.front()) {
        case 'c': return "cascade";
        case 'n': return "set null";
        case 'd': return "set default";
        case 'r': return "restrict";
        default: return "";
    }
}

/// Splits "a, (b || c), d" at the commas outside parentheses and quotes.
std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    int depth = 0;
    for (const Token& token : lex(text, Dialect::postgres)) {
        if (token.kind != TokenKind::symbol) continue;
        const char c = text[token.begin];
        if (c == '(' || c == '[') ++depth;
        if (c == ')' || c == ']') --depth;
        if (c == ',' && depth == 0) {
            parts.push_back(text.substr(begin, token.begin - begin));
            begin = text.find_first_not_of(' ', token.end);
        }
    }
    if (begin < text.size()) parts.push_back(text.substr(begin));
    return parts;
}

/// Where each index is told.
struct IndexRows {
    explicit IndexRows(const Inspection& in) {
        const Rows& indexes = in.rows(Catalog::indexes);
        row_of.reserve(static_cast<std::size_t>(indexes.count()));
        for (int r = 0; r < indexes.count(); ++r) row_of[number(indexes, r, 0)] = r;
        const Rows& inherits = in.rows(Catalog::inherits);
        for (int r = 0; r < inherits.count(); ++r) parent_of[number(inherits, r, 0)] = number(inherits, r, 1);
    }

    std::unordered_map<Oid, int> row_of{};
    std::unordered_map<Oid, Oid> parent_of{};
};

/// What index rows refer to by number.
struct IndexFacts : IndexRows {
    explicit IndexFacts(const Inspection& in) : IndexRows(in) {
        const Rows& classes = in.rows(Catalog::opclasses);
        for (int r = 0; r < classes.count(); ++r)
            opclasses[number(classes, r, 0)] = {in.text(classes, r, 1), flag(classes, r, 2)};
        const Rows& columns = in.rows(Catalog::columns);
        for (int r = 0; r < columns.count(); ++r) {
            const bool nothing_said = columns.null(r, 13) && (columns.null(r, 11) || columns.at(r, 11) == "-1");
            if (nothing_said) continue;
            const Oid relation = number(columns, r, 0);
            const int column = number<int>(columns, r, 1);
            if (!row_of.contains(relation)) continue;
            if (std::string given = attribute_options(columns.at(r, 13)); !given.empty())
                parameters[{relation, column}] = std::move(given);
            if (!columns.null(r, 11) && columns.at(r, 11) != "-1") statistics[relation][columns.at(r, 1)] = columns.at(r, 11);
        }
    }

    std::unordered_map<Oid, std::pair<std::string, bool>> opclasses{};
    std::map<std::pair<Oid, int>, std::string> parameters{};
    std::unordered_map<Oid, Options> statistics{};
};

/// True for a constraint that an index of its own upholds.
bool has_index(std::string_view type) { return type == "p" || type == "u" || type == "x"; }

std::vector<std::string> column_names(const Inspection& in, Oid relation, std::string_view list) {
    std::vector<std::string> names;
    const Relation& found = in.relations.at(relation);
    for (const int n : numbers(list)) {
        if (n > 0) names.push_back(found.column(n));
    }
    return names;
}

std::vector<KeyPart> plain_parts(const std::vector<std::string>& names) {
    std::vector<KeyPart> parts;
    for (const std::string& name : names) parts.push_back({.column = name});
    return parts;
}

ForeignKey foreign_key(const Inspection& in, const Rows& rows, int r) {
    ForeignKey key;
    key.name.text = in.text(rows, r, 1);
    key.columns = column_names(in, number(rows, r, 3), rows.at(r, 6));
    const Oid target = number(rows, r, 7);
    if (const Table* table = table_at(in, target)) {
        key.referenced_table = table->full_name();
        key.referenced_columns = column_names(in, target, rows.at(r, 8));
    }
    key.on_update = action(rows.at(r, 12));
    key.on_delete = action(rows.at(r, 13));
    if (rows.at(r, 14) == "f") key.match = "full";
    key.deferrable = flag(rows, r, 9);
    key.initially_deferred = flag(rows, r, 10);
    key.not_valid = !flag(rows, r, 11);
    if (!rows.null(r, 18)) key.set_columns = column_names(in, number(rows, r, 3), rows.at(r, 18));
    return key;
}

/// The parts of an index, as its row tells them.
std::vector<KeyPart> key_parts(const Inspection& in, const IndexFacts& facts, const Rows& rows, int r) {
    const Oid relation = number(rows, r, 1);
    const std::vector<int> keys = numbers(rows.at(r, 11));
    const std::vector<int> order = numbers(rows.at(r, 12));
    const std::vector<int> classes = numbers(rows.at(r, 13));
    const std::vector<int> collations = numbers(rows.at(r, 14));
    const Relation& on = in.relations.at(relation);
    const std::vector<std::string> expressions =
        rows.null(r, 15) ? std::vector<std::string>{} : split_list(expression_on(on, in.text(rows, r, 15)));
    const std::vector<std::string> collation_names = lines_of(in.text(rows, r, 18));
    const auto count = static_cast<std::size_t>(number<int>(rows, r, 10));
    std::size_t expression = 0;
    std::vector<KeyPart> parts;
    for (std::size_t i = 0; i < count; ++i) {
        KeyPart part;
        Oid own_collation = kDefaultCollation;
        if (keys[i] > 0) {
            part.column = on.column(keys[i]);
            own_collation = on.collations[static_cast<std::size_t>(keys[i] - 1)];
        } else if (expression < expressions.size()) {
            part.expression = make_sql(expressions[expression++], Dialect::postgres);
        }
        const int flags = order.size() > i ? order[i] : 0;
        part.descending = (flags & 1) != 0;
        const bool nulls_first = (flags & 2) != 0;
        if (nulls_first != part.descending) part.nulls = nulls_first ? "first" : "last";
        const auto collation = static_cast<Oid>(collations[i]);
        if (collation != 0 && collation != own_collation)
            part.collate = collation == kDefaultCollation ? "pg_catalog.\"default\"" : collation_names.at(i);
        const auto opclass = facts.opclasses.find(static_cast<Oid>(classes[i]));
        const auto parameters = facts.parameters.find({number(rows, r, 0), static_cast<int>(i) + 1});
        const bool has_parameters = parameters != facts.parameters.end();
        if (opclass != facts.opclasses.end() && (!opclass->second.second || has_parameters))
            part.opclass = opclass->second.first;
        if (has_parameters) part.opclass.edit() += "(" + parameters->second + ")";
        parts.push_back(std::move(part));
    }
    return parts;
}

std::vector<std::string> included(const Inspection& in, const Rows& rows, int r) {
    const std::vector<int> keys = numbers(rows.at(r, 11));
    const Relation& on = in.relations.at(number(rows, r, 1));
    std::vector<std::string> out;
    for (auto i = static_cast<std::size_t>(number<int>(rows, r, 10)); i < keys.size(); ++i) out.push_back(on.column(keys[i]));
    return out;
}

/// The qualified name of the partitioned table's index that this one belongs to, or empty.
std::string parent_index(const Inspection& in, const IndexRows& facts, Oid index) {
    const auto parent = facts.parent_of.find(index);
    if (parent == facts.parent_of.end()) return "";
    const auto row = facts.row_of.find(parent->second);
    if (row == facts.row_of.end()) return "";
    const Rows& rows = in.rows(Catalog::indexes);
    const Table* table = table_at(in, number(rows, row->second, 1));
    return table == nullptr ? "" : qualified(table->schema, in.text(rows, row->second, 2));
}

template <class Key>
void fill_key(const Inspection& in, const IndexRows& facts, const Rows& constraints, int c, Key& key) {
    key.name.text = in.text(constraints, c, 1);
    key.deferrable = flag(constraints, c, 9);
    key.initially_deferred = flag(constraints, c, 10);
    const Rows& rows = in.rows(Catalog::indexes);
    const auto row = facts.row_of.find(number(constraints, c, 5));
    if (row == facts.row_of.end()) return;
    key.columns = plain_parts(column_names(in, number(constraints, c, 3), constraints.at(c, 6)));
    key.include = included(in, rows, row->second);
    key.storage = options(rows.at(row->second, 4));
    key.attached_to = parent_index(in, facts, number(constraints, c, 5));
}

/// What stands on columns of a table.
void depend_on_columns(Inspection& in, const std::string& id, Oid relation, std::string_view columns) {
    if (table_at(in, relation) == nullptr) return;
    const Relation& found = in.relations.at(relation);
    for (const int n : numbers(columns)) {
        if (n > 0) in.depend(id, "COLUMN " + found.column_name(n));
    }
}

void read_constraint(Inspection& in, const IndexRows& facts, const Rows& rows, int r, Table& table) {
    const Oid oid = number(rows, r, 0);
    const std::string name = in.text(rows, r, 1);
    const std::string id = "CONSTRAINT " + quote(name) + " ON " + in.relations.at(number(rows, r, 3)).name;
    const bool local = flag(rows, r, 16);
    switch (rows.at(r, 2).front()) {
        case 'p': {
            PrimaryKey key;
            fill_key(in, facts, rows, r, key);
            table.primary_key = std::move(key);
            break;
        }
        case 'u': {
            UniqueConstraint unique;
            fill_key(in, facts, rows, r, unique);
            if (const auto index = facts.row_of.find(number(rows, r, 5)); index != facts.row_of.end())
                unique.nulls_not_distinct = flag(in.rows(Catalog::indexes), index->second, 9);
            table.uniques.push_back(std::move(unique));
            break;
        }
        case 'c':
            if (!local) return;
            table.checks.push_back(
                {.name = {.text = name},
                 .expression =
                     make_sql(expression_on(in.relations.at(number(rows, r, 3)), in.text(rows, r, 19)), Dialect::postgres),
                 .no_inherit = flag(rows, r, 15),
                 .not_valid = !flag(rows, r, 11)});
            break;
        case 'f':
            if (number(rows, r, 17) != 0) return;  // the partitioned table's
            table.foreign_keys.push_back(foreign_key(in, rows, r));
            break;
        case 'x': {
            Exclusion exclusion;
            exclusion.name.text = name;
            exclusion.definition = make_sql(in.text(rows, r, 19), Dialect::postgres);
            table.exclusions.push_back(std::move(exclusion));
            break;
        }
        case 'n': in.schema.unmanaged.push_back({"not null constraint", qualified(table) + "." + quote(name), {}}); return;
        default: return;
    }
    in.name(SystemTable::constraints, oid, id);
    depend_on_columns(in, id, number(rows, r, 7), rows.at(r, 8));
    if (!has_index(rows.at(r, 2))) return depend_on_columns(in, id, number(rows, r, 3), rows.at(r, 6));
    // Who needs the constraint's index needs the constraint.
    in.name(SystemTable::relations, number(rows, r, 5), id);
    if (const auto index = facts.row_of.find(number(rows, r, 5)); index != facts.row_of.end())
        depend_on_columns(in, id, number(rows, r, 3), in.rows(Catalog::indexes).at(index->second, 11));  // INCLUDE too
}

/// Checks of domains stand in the same catalog.
void read_domain_check(Inspection& in, const Rows& rows, int r) {
    const std::string* domain_id = in.id_of(SystemTable::types, number(rows, r, 4));
    if (domain_id == nullptr) return;
    const auto domain = std::ranges::find_if(
        in.schema.domains, [&](const Domain& d) { return "DOMAIN " + qualified(d.schema, d.name) == *domain_id; });
    if (domain == in.schema.domains.end()) return;
    const std::string name = in.text(rows, r, 1);
    domain->checks.push_back({.name = {.text = name},
                              .expression = make_sql(in.text(rows, r, 19), Dialect::postgres),
                              .no_inherit = false,
                              .not_valid = !flag(rows, r, 11)});
    in.name(SystemTable::constraints, number(rows, r, 0), "CONSTRAINT " + quote(name) + " ON " + *domain_id);
}

Index index_of(const Inspection& in, const IndexFacts& facts, const Rows& rows, int r) {
    Index index;
    index.name.text = in.text(rows, r, 2);
    index.method = in.text(rows, r, 3);
    index.storage = options(rows.at(r, 4));
    index.unique = flag(rows, r, 5);
    index.nulls_not_distinct = flag(rows, r, 9);
    index.columns = key_parts(in, facts, rows, r);
    index.include = included(in, rows, r);
    if (!rows.null(r, 16))
        index.where_clause =
            make_sql(expression_on(in.relations.at(number(rows, r, 1)), in.text(rows, r, 16)), Dialect::postgres);
    index.tablespace = in.text(rows, r, 17);
    if (const auto found = facts.statistics.find(number(rows, r, 0)); found != facts.statistics.end())
        index.statistics = found->second;
    index.attached_to = parent_index(in, facts, number(rows, r, 0));
    return index;
}

}  // namespace

void read_constraints(Inspection& in) {
    const IndexRows facts(in);
    const Rows& rows = in.rows(Catalog::constraints);
    for (const int r : in_order(rows, {3, 0, 0})) {
        if (const Oid relation = number(rows, r, 3); relation == 0) {
            read_domain_check(in, rows, r);
        } else if (Table* table = table_at(in, relation)) {
            read_constraint(in, facts, rows, r, *table);
        }
    }
    // The server checks them by name, whenever they came.
    for (Domain& domain : in.schema.domains)
        std::ranges::sort(domain.checks, {}, [](const Check& check) { return check.name.text; });
}

void read_indexes(Inspection& in) {
    const IndexFacts facts(in);
    const Rows& rows = in.rows(Catalog::indexes);
    std::set<std::string> partitioned;
    for (const Table& table : in.schema.tables) {
        if (!table.partition_by.empty()) partitioned.insert(table.full_name());
    }
    for (const int r : in_order(rows, {0, 0, 0})) {
        const Oid oid = number(rows, r, 0);
        Table* const found = table_at(in, number(rows, r, 1));
        if (found == nullptr) continue;
        Table& table = *found;
        const std::string name = in.text(rows, r, 2);
        if (flag(rows, r, 7)) table.cluster_on = name;
        if (flag(rows, r, 8)) table.replica_identity = "index " + name;
        if (in.is_of_constraint(oid)) continue;
        Index index = index_of(in, facts, rows, r);
        // A partitioned table's index is invalid until all its parts are attached: that is said by them.
        index.invalid = !flag(rows, r, 6) && !partitioned.contains(table.full_name());
        table.indexes.push_back(std::move(index));
        std::string id = index_id(table, name);
        in.name(SystemTable::relations, oid, std::move(id));
    }
}

}  // namespace tenon::postgres
