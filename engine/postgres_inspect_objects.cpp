// What is made by a text of its own in a PostgreSQL database, its comments and grants, and what stands on what.
#include <algorithm>

#include "engine/postgres_inspect.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

void read_texts(Inspection& in) {
    const Rows& rows = in.rows(Catalog::objects);
    for (int r = 0; r < rows.count(); ++r) {
        const std::string catalog(rows.at(r, 0));
        Object object{.id = in.text(rows, r, 2), .definition = make_sql(in.text(rows, r, 3), Dialect::postgres)};
        object.shape = lines_of(in.text(rows, r, 4));
        object.owner = in.text(rows, r, 5);
        object.undo = in.text(rows, r, 6);
        in.name(catalog, number(rows, r, 1), object.id);
        in.schema.objects.push_back(std::move(object));
    }
    // A view's rule is the view.
    const Rows& rewrites = in.rows(Catalog::rewrites);
    for (int r = 0; r < rewrites.count(); ++r) {
        if (const std::string* view = in.id_of("pg_class", number(rewrites, r, 1)))
            in.name("pg_rewrite", number(rewrites, r, 0), *view);
    }
}

/// The id of a row of a catalog, or of a column where `number` says so; empty where it is none of ours.
std::string id_at(const Inspection& in, std::string_view catalog, Oid oid, int number) {
    const std::string* id = in.id_of(catalog, oid);
    if (id == nullptr) return "";
    if (catalog != "pg_class" || number <= 0) return *id;
    const auto names = in.columns.find(oid);
    if (names == in.columns.end() || static_cast<std::size_t>(number) > names->second.size()) return *id;
    return "COLUMN " + in.relations.at(oid) + "." + quote(names->second[static_cast<std::size_t>(number - 1)]);
}

/// The same for what is an item by itself: the columns of a table are, those of a view go with it.
std::string item_at(const Inspection& in, std::string_view catalog, Oid oid, int number) {
    return id_at(in, catalog, oid, catalog == "pg_class" && !in.tables.contains(oid) ? 0 : number);
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

void read_comments(Inspection& in) {
    const Rows& rows = in.rows(Catalog::comments);
    bool public_schema = false;
    for (int r = 0; r < rows.count(); ++r) {
        std::string target = id_at(in, in.catalog(rows, r, 0), number(rows, r, 1), number<int>(rows, r, 2));
        if (target.empty()) continue;
        // A constraint's index is the constraint in all but what is said of it.
        if (in.catalog(rows, r, 0) == "pg_class" && target.starts_with("CONSTRAINT ")) target = index_behind(target);
        if (target == "SCHEMA public") {
            public_schema = true;
            if (rows.at(r, 3) == "standard public schema") continue;
        }
        const std::string standard = rows.null(r, 4) ? "" : in.text(rows, r, 4);
        if (!standard.empty() && standard == rows.at(r, 3)) continue;
        const std::string on = "COMMENT ON " + target;
        in.schema.objects.push_back(
            {.id = on,
             .definition = make_sql(on + " IS " + quote_literal(in.text(rows, r, 3)), Dialect::postgres),
             .shape = {},
             .owner = item_at(in, in.catalog(rows, r, 0), number(rows, r, 1), number<int>(rows, r, 2)),
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
    const auto extension_of = [&](std::string_view catalog, Oid oid) -> std::string {
        const Rows& all = in.rows(Catalog::dependencies);
        for (int r = 0; r < all.count(); ++r) {
            if (all.at(r, 6) != "e" || number(all, r, 1) != oid || in.catalog(all, r, 0) != catalog) continue;
            const std::string* id = in.id_of("pg_extension", number(all, r, 4));
            return id == nullptr ? "" : *id;
        }
        return "";
    };
    for (int r = 0; r < rows.count(); ++r) {
        const std::string catalog(rows.at(r, 0));
        std::string owner =
            catalog == "pg_default_acl" ? "" : item_at(in, catalog, number(rows, r, 1), number<int>(rows, r, 2));
        if (owner.empty() && catalog != "pg_default_acl") owner = extension_of(catalog, number(rows, r, 1));
        if (owner.empty() && catalog != "pg_default_acl") continue;
        in.schema.objects.push_back({.id = "GRANTS ON " + in.text(rows, r, 3),
                                     .definition = make_sql(in.text(rows, r, 4), Dialect::postgres),
                                     .shape = {},
                                     .owner = owner,
                                     .undo = in.text(rows, r, 5)});
    }
}

void read_owners(Inspection& in) {
    const Rows& rows = in.rows(Catalog::owners);
    Owners& owners = in.schema.owners.value;
    for (int r = 0; r < rows.count(); ++r) {
        if (rows.at(r, 0).empty()) {
            owners.self = in.text(rows, r, 2);
        } else if (const std::string* id = in.id_of(rows.at(r, 0), number(rows, r, 1))) {
            owners.others[*id] = in.text(rows, r, 2);
        }
    }
}

/// Row types and array types stand for their table or element; members of an extension for the extension.
void name_implied(Inspection& in) {
    const Rows& relations = in.rows(Catalog::relations);
    for (int r = 0; r < relations.count(); ++r) {
        const std::string* id = in.id_of("pg_class", number(relations, r, 0));
        if (id == nullptr || relations.null(r, 15)) continue;
        in.name("pg_type", number(relations, r, 16), *id);
        in.name("pg_type", number(relations, r, 15), *id);
    }
    const Rows& types = in.rows(Catalog::types);
    for (int r = 0; r < types.count(); ++r) {
        const Oid array = number(types, r, 16);
        const std::string* id = array == 0 ? nullptr : in.id_of("pg_type", number(types, r, 0));
        if (id != nullptr) in.name("pg_type", array, *id);
    }
}

}  // namespace

void read_objects(Inspection& in) {
    read_texts(in);
    read_comments(in);
    read_grants(in);
    read_owners(in);
}

void read_dependencies(Inspection& in) {
    name_implied(in);
    const Rows& rows = in.rows(Catalog::dependencies);
    for (int r = 0; r < rows.count(); ++r) {
        const std::string_view catalog = in.catalog(rows, r, 0);
        const bool member = rows.at(r, 6) == "e";
        const bool implied = rows.at(r, 6) == "i" && (catalog == "pg_proc" || catalog == "pg_cast");
        if (!member && !implied) continue;
        if (const std::string* whole = in.id_of(in.catalog(rows, r, 3), number(rows, r, 4)))
            in.name(catalog, number(rows, r, 1), std::string(*whole));
    }
    const auto add = [&](std::string id, std::string needs) {
        if (!id.empty() && !needs.empty() && id != needs)
            in.schema.dependencies.value.push_back({std::move(id), std::move(needs)});
    };
    for (int r = 0; r < rows.count(); ++r) {
        if (rows.at(r, 6) == "e") continue;
        std::string id = item_at(in, in.catalog(rows, r, 0), number(rows, r, 1), number<int>(rows, r, 2));
        // What a domain calls or reads, its default does.
        const std::string_view needed = in.catalog(rows, r, 3);
        const bool by_default = needed == "pg_proc" || needed == "pg_class" || needed == "pg_operator";
        if (by_default && id.starts_with("DOMAIN ")) id = "DEFAULT ON " + id;
        if (id.empty()) continue;
        add(std::move(id), item_at(in, in.catalog(rows, r, 3), number(rows, r, 4), number<int>(rows, r, 5)));
    }
    for (const Object& object : in.schema.objects) add(object.id, object.owner);
}

}  // namespace tenon::postgres
