// What is made by a text of its own in a PostgreSQL database, its comments and grants, and what stands on what.
#include <algorithm>
#include <map>

#include "engine/postgres_inspect.h"
#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

void read_texts(Inspection& in) {
    const Rows& rows = in.rows(Catalog::objects);
    for (int r = 0; r < rows.count(); ++r) {
        Object object{.id = in.text(rows, r, 2), .definition = make_sql(in.text(rows, r, 3), Dialect::postgres)};
        object.shape = lines_of(in.text(rows, r, 4));
        object.owner = in.text(rows, r, 5);
        object.undo = in.text(rows, r, 6);
        in.name(system_table(rows, r, 0), number(rows, r, 1), object.id);
        in.schema.objects.push_back(std::move(object));
    }
    // A view's rule is the view.
    const Rows& rewrites = in.rows(Catalog::rewrites);
    for (int r = 0; r < rewrites.count(); ++r) {
        if (const std::string* view = in.id_of(SystemTable::relations, number(rewrites, r, 1)))
            in.name(SystemTable::rewrites, number(rewrites, r, 0), *view);
    }
}

/// The id of a row of a system table, or of a column where `number` says so; empty where it is none of ours.
std::string id_at(const Inspection& in, SystemTable table, Oid oid, int number) {
    if (table == SystemTable::relations && number > 0) {
        const auto found = in.relations.find(oid);
        if (found != in.relations.end() && static_cast<std::size_t>(number) <= found->second.columns.size())
            return "COLUMN " + found->second.column_name(number);
    }
    const std::string* id = in.id_of(table, oid);
    return id == nullptr ? "" : *id;
}

/// The same for what is an item by itself: the columns of a table are, those of a view go with it.
std::string item_at(const Inspection& in, SystemTable table, Oid oid, int number) {
    return id_at(in, table, oid, table == SystemTable::relations && table_at(in, oid) == nullptr ? 0 : number);
}

/// "INDEX public.post_pkey" of "CONSTRAINT post_pkey ON public.post".
std::string index_behind(const std::string& constraint) {
    const std::vector<Token> tokens = lex(constraint, Dialect::postgres);
    const auto word = [](const Token& token) { return token.kind != TokenKind::space; };
    std::vector<std::string> words;
    for (const Token& token : tokens) {
        if (word(token)) words.push_back(token_text(constraint, token));
    }
    return "INDEX " + words.at(words.size() - 3) + "." + words.at(1);
}

/// The sequences of identity columns, which are parts of those but have comments of their own.
std::map<Oid, std::string> identity_sequences(const Inspection& in) {
    std::map<Oid, std::string> out;
    const Rows& rows = in.rows(Catalog::sequences);
    for (int r = 0; r < rows.count(); ++r) {
        const SequenceOwner* owner = in.owner_of_sequence(number(rows, r, 0));
        const std::string* schema = in.schema_of(number(rows, r, 1));
        if (owner != nullptr && owner->identity && schema != nullptr)
            out[number(rows, r, 0)] = "SEQUENCE " + qualified(model_schema(*schema), in.text(rows, r, 2));
    }
    return out;
}

/// The comments that extensions come with, which are none of the schema's.
std::map<Oid, std::string> extension_comments(const Inspection& in) {
    std::map<Oid, std::string> out;
    const Rows& rows = in.rows(Catalog::extensions);
    for (int r = 0; r < rows.count(); ++r) out[number(rows, r, 0)] = in.text(rows, r, 4);
    return out;
}

void read_comments(Inspection& in) {
    const std::map<Oid, std::string> of_extensions = extension_comments(in);
    const Rows& rows = in.rows(Catalog::comments);
    const std::map<Oid, std::string> identities = rows.count() == 0 ? std::map<Oid, std::string>{} : identity_sequences(in);
    bool public_schema = false;
    for (const int r : in_order(rows, {0, 1, 2})) {
        std::string target = id_at(in, system_table(rows, r, 0), number(rows, r, 1), number<int>(rows, r, 2));
        if (target.empty()) continue;
        // A constraint's index is the constraint in all but what is said of it.
        if (system_table(rows, r, 0) == SystemTable::relations && target.starts_with("CONSTRAINT "))
            target = index_behind(target);
        if (const auto identity = identities.find(number(rows, r, 1));
            identity != identities.end() && system_table(rows, r, 0) == SystemTable::relations)
            target = identity->second;
        if (target == "SCHEMA public") {
            public_schema = true;
            if (rows.at(r, 3) == "standard public schema") continue;
        }
        const auto extension = of_extensions.find(number(rows, r, 1));
        const bool on_extension = extension != of_extensions.end() && system_table(rows, r, 0) == SystemTable::extensions;
        const std::string standard = on_extension ? extension->second : "";
        if (!standard.empty() && standard == rows.at(r, 3)) continue;
        const std::string on = "COMMENT ON " + target;
        in.schema.objects.push_back(
            {.id = on,
             .definition = make_sql(on + " IS " + quote_literal(in.text(rows, r, 3)), Dialect::postgres),
             .shape = {},
             .owner = item_at(in, system_table(rows, r, 0), number(rows, r, 1), number<int>(rows, r, 2)),
             .undo = on + " IS " + (standard.empty() ? "NULL" : quote_literal(standard))});
    }
    const bool has_public = std::ranges::find(in.schema.schemas, "public") != in.schema.schemas.end();
    if (!public_schema && has_public) {
        in.schema.objects.push_back({.id = "COMMENT ON SCHEMA public",
                                     .definition = make_sql("COMMENT ON SCHEMA public IS NULL", Dialect::postgres),
                                     .shape = {},
                                     .owner = "SCHEMA public",
                                     .undo = "COMMENT ON SCHEMA public IS 'standard public schema'"});
    }
}

void read_grants(Inspection& in) {
    const Rows& rows = in.rows(Catalog::grants);
    for (int r = 0; r < rows.count(); ++r) {
        const SystemTable table = system_table(rows, r, 0);
        std::string owner;
        if (table != SystemTable::default_privileges) {
            owner = item_at(in, table, number(rows, r, 1), number<int>(rows, r, 2));
            if (owner.empty()) continue;
        }
        in.schema.objects.push_back({.id = "GRANTS ON " + in.text(rows, r, 3),
                                     .definition = make_sql(in.text(rows, r, 4), Dialect::postgres),
                                     .shape = {},
                                     .owner = owner,
                                     .undo = in.text(rows, r, 5)});
        if (!rows.null(r, 6)) in.schema.objects.back().in_order.value = in.text(rows, r, 6);
    }
}

/// The owner that a row tells where it is not the role that looks.
void read_owner(Inspection& in, const std::string* id, const Rows& rows, int r, int column) {
    if (id != nullptr && !rows.null(r, column)) in.schema.owners.value.others[*id] = in.text(rows, r, column);
}

void read_owners(Inspection& in) {
    const Rows& schemas = in.rows(Catalog::schemas);
    for (int r = 0; r < schemas.count(); ++r)
        read_owner(in, in.id_of(SystemTable::namespaces, number(schemas, r, 0)), schemas, r, 2);
    const Rows& types = in.rows(Catalog::types);
    for (int r = 0; r < types.count(); ++r) read_owner(in, in.id_of(SystemTable::types, number(types, r, 0)), types, r, 5);
    const Rows& relations = in.rows(Catalog::relations);
    for (int r = 0; r < relations.count(); ++r)
        read_owner(in, in.id_of(SystemTable::relations, number(relations, r, 0)), relations, r, 16);
    // A sequence that goes with a column changes hands with its table.
    const Rows& sequences = in.rows(Catalog::sequences);
    for (int r = 0; r < sequences.count(); ++r) {
        const Oid oid = number(sequences, r, 0);
        if (in.owner_of_sequence(oid) == nullptr) read_owner(in, in.id_of(SystemTable::relations, oid), sequences, r, 11);
    }
    const Rows& rows = in.rows(Catalog::owners);
    for (int r = 0; r < rows.count(); ++r) {
        if (number(rows, r, 0) == 0) {
            in.schema.owners.value.self = in.text(rows, r, 2);
        } else {
            read_owner(in, in.id_of(system_table(rows, r, 0), number(rows, r, 1)), rows, r, 2);
        }
    }
}

/// Members of an extension stand for the extension.
void name_members(Inspection& in) {
    const Rows& rows = in.rows(Catalog::dependencies);
    for (int r = 0; r < rows.count(); ++r) {
        if (rows.at(r, 6) != "e") continue;
        if (const std::string* extension = in.id_of(system_table(rows, r, 3), number(rows, r, 4)))
            in.name(system_table(rows, r, 0), number(rows, r, 1), std::string(*extension));
    }
}

/// Row types stand for their relation, arrays for their elements; what comes with a type by itself, its constructors and casts,
/// for the type.
void name_implied(Inspection& in) {
    const Rows& relations = in.rows(Catalog::relations);
    for (int r = 0; r < relations.count(); ++r) {
        if (const std::string* id = in.id_of(SystemTable::relations, number(relations, r, 0)))
            in.name(SystemTable::types, number(relations, r, 15), std::string(*id));
    }
    const Rows& arrays = in.rows(Catalog::arrays);
    for (int r = 0; r < arrays.count(); ++r) {
        if (const std::string* id = in.id_of(SystemTable::types, number(arrays, r, 1)))
            in.name(SystemTable::types, number(arrays, r, 0), std::string(*id));
    }
    const Rows& rows = in.rows(Catalog::dependencies);
    for (int r = 0; r < rows.count(); ++r) {
        const SystemTable table = system_table(rows, r, 0);
        if (rows.at(r, 6) != "i" || (table != SystemTable::functions && table != SystemTable::casts)) continue;
        if (const std::string* whole = in.id_of(system_table(rows, r, 3), number(rows, r, 4)))
            in.name(table, number(rows, r, 1), std::string(*whole));
    }
}

/// Operators and functions of an operator class stand for the class, those of a family alone for its members.
void name_family_members(Inspection& in) {
    const Rows& rows = in.rows(Catalog::dependencies);
    for (int r = 0; r < rows.count(); ++r) {
        const SystemTable table = system_table(rows, r, 0);
        if (table != SystemTable::family_operators && table != SystemTable::family_functions) continue;
        const SystemTable whole = system_table(rows, r, 3);
        if (whole != SystemTable::operator_families && whole != SystemTable::operator_classes) continue;
        if (const std::string* id = in.id_of(whole, number(rows, r, 4)))
            in.name(table, number(rows, r, 1), (id->starts_with("OPERATOR FAMILY ") ? "MEMBERS OF " : "") + *id);
    }
}

/// False where either is not known.
bool read_dependency(Inspection& in, const Rows& rows, int r) {
    std::string id = item_at(in, system_table(rows, r, 0), number(rows, r, 1), number<int>(rows, r, 2));
    if (id.empty()) return false;
    const SystemTable needed = system_table(rows, r, 3);
    // What a domain calls or reads, its default does.
    const bool by_default =
        needed == SystemTable::functions || needed == SystemTable::relations || needed == SystemTable::operators;
    if (by_default && id.starts_with("DOMAIN ")) id = "DEFAULT ON " + id;
    std::string needs = item_at(in, needed, number(rows, r, 4), number<int>(rows, r, 5));
    if (needs.empty()) return false;
    // A column can outlive its sequence.
    const SequenceOwner* owner = needed == SystemTable::relations ? in.owner_of_sequence(number(rows, r, 4)) : nullptr;
    if (owner != nullptr && owner->identity) in.depend(id, identity_id(needs));
    in.depend(std::move(id), std::move(needs));
    return true;
}

}  // namespace

void read_objects(Inspection& in) {
    read_texts(in);
    read_comments(in);
    read_owners(in);
    name_members(in);
    read_grants(in);
}

void read_early_dependencies(Inspection& in) {
    const Rows& rows = in.rows(Catalog::dependencies);
    in.dependencies_told.resize(static_cast<std::size_t>(rows.count()));
    for (int r = 0; r < rows.count(); ++r) {
        const bool of_relations =
            system_table(rows, r, 0) == SystemTable::relations && system_table(rows, r, 3) == SystemTable::relations;
        if (of_relations) in.dependencies_told[static_cast<std::size_t>(r)] = read_dependency(in, rows, r);
    }
}

/// What the server tells of it; columns of defaults and constraints were told by their own rows.
void read_dependencies(Inspection& in) {
    name_implied(in);
    name_family_members(in);
    const Rows& rows = in.rows(Catalog::dependencies);
    for (int r = 0; r < rows.count(); ++r) {
        const bool by_extension = rows.at(r, 6) == "e";
        if (!by_extension && !in.dependencies_told[static_cast<std::size_t>(r)]) read_dependency(in, rows, r);
    }
    for (const Object& object : in.schema.objects) in.depend(object.id, object.owner);
}

}  // namespace tenon::postgres
