// Dependencies by mentioned names.
#include "schemas/postgres_mentions.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <unordered_map>

#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

class Mentions {
public:
    explicit Mentions(const Schema& schema) : schema_(schema) { provide_all(); }

    std::vector<Dependency> run() {
        for (const Table& table : schema_.tables) table_needs(table);
        for (const Domain& domain : schema_.domains) {
            const std::string id = "DOMAIN " + qualified(domain.schema, domain.name);
            needs(id, domain.type.text);
            needs(id, domain.collate);
            if (domain.default_value) needs(id, default_text(*domain.default_value));
            for (const Check& check : domain.checks) needs(id, check.expression.text);
        }
        for (const CompositeType& type : schema_.composites) {
            for (const auto& [name, sql] : type.attributes) needs("TYPE " + qualified(type.schema, type.name), sql.text);
        }
        for (const RangeType& type : schema_.ranges) {
            const std::string id = "TYPE " + qualified(type.schema, type.name);
            needs(id, type.subtype.text);
            for (const auto& [key, value] : type.options) needs(id, value);
        }
        for (const Object& object : schema_.objects) {
            needs(object.id, object.definition.text);
            if (!object.owner.empty()) add(object.id, object.owner);
        }
        return std::move(out_);
    }

private:
    const Schema& schema_;
    std::unordered_map<std::string, std::vector<std::string>> providers_;  ///< folded name to ids
    std::set<std::pair<std::string, std::string>> seen_;
    std::vector<Dependency> out_;

    void provide(const std::string& name, const std::string& id) { providers_[fold(name)].push_back(id); }

    void provide_all() {
        for (const Table& table : schema_.tables) provide(table.name, table_id(table));
        const auto all = [&](const auto& things, const std::string& kind) {
            for (const auto& thing : things) provide(thing.name, kind + qualified(thing.schema, thing.name));
        };
        all(schema_.enums, "TYPE ");
        all(schema_.composites, "TYPE ");
        all(schema_.ranges, "TYPE ");
        all(schema_.domains, "DOMAIN ");
        all(schema_.sequences, "SEQUENCE ");
        for (const Object& object : schema_.objects) provide_object(object.id);
    }

    /// An object's own name: the last one before its arguments.
    void provide_object(const std::string& id) {
        static constexpr std::array<std::string_view, 14> kNamed{"FUNCTION ",
                                                                 "PROCEDURE ",
                                                                 "AGGREGATE ",
                                                                 "VIEW ",
                                                                 "MATERIALIZED VIEW ",
                                                                 "COLLATION ",
                                                                 "FOREIGN TABLE ",
                                                                 "SERVER ",
                                                                 "FOREIGN DATA WRAPPER ",
                                                                 "LANGUAGE ",
                                                                 "ACCESS METHOD ",
                                                                 "OPERATOR ",
                                                                 "TEXT SEARCH ",
                                                                 "PUBLICATION "};
        const auto kind = std::ranges::find_if(kNamed, [&](std::string_view k) { return id.starts_with(k); });
        if (kind == kNamed.end()) return;
        const bool is_operator = *kind == "OPERATOR ";
        std::string name;
        const std::string text = id.substr(kind->size());
        for (const Token& token : lex(text, Dialect::postgres)) {
            const std::string piece = token_text(text, token);
            if (piece == "(" || is_keyword(text, token, "USING")) break;
            if (token.kind == TokenKind::word || token.kind == TokenKind::name) name = token_name(text, token);
            if (is_operator && token.kind == TokenKind::symbol && piece != ".") name = piece;
        }
        if (!name.empty()) provide(name, id);
    }

    void add(const std::string& id, const std::string& need) {
        if (id != need && seen_.emplace(id, need).second) out_.push_back({id, need});
    }

    void needs(const std::string& id, const std::string& text) {
        for (const Token& token : lex(text, Dialect::postgres)) {
            switch (token.kind) {
                case TokenKind::word:
                case TokenKind::name: take(id, token_name(text, token)); break;
                case TokenKind::symbol: take(id, token_text(text, token)); break;
                case TokenKind::string:
                    // nextval('public.t_id_seq'::regclass); a body in dollars is nobody's business.
                    if (text[token.begin] == '\'') {
                        const std::string inside = token_name(text, token);
                        for (const Token& part : lex(inside, Dialect::postgres)) {
                            if (part.kind == TokenKind::word || part.kind == TokenKind::name)
                                take(id, token_name(inside, part));
                        }
                    }
                    break;
                case TokenKind::space:
                case TokenKind::comment:
                case TokenKind::number:
                case TokenKind::variable: break;
            }
        }
    }

    void take(const std::string& id, const std::string& name) {
        const auto found = providers_.find(fold(name));
        if (found == providers_.end()) return;
        for (const std::string& provider : found->second) add(id, provider);
    }

    static std::string default_text(const Default& value) {
        return match(
            value, [](const Literal& literal) { return literal.text; }, [](const Sql& sql) { return sql.text; });
    }

    void table_needs(const Table& table) {
        const std::string id = table_id(table);
        needs(id, table.of_type);
        needs(id, table.partition_by->text);
        needs(id, table.partition_bound->text);
        needs(id, table.access_method);
        for (const Column& column : table.columns) {
            needs(id, column.type.text);
            needs(id, column.collate);
            if (column.generated) needs(id, column.generated->expression.text);
            if (column.default_value && !column.generated)
                needs(default_id(table, column.name), default_text(*column.default_value));
        }
        for (const Check& check : table.checks) needs(constraint_id(table, check.name.text), check.expression.text);
        for (const Exclusion& exclusion : table.exclusions)
            needs(constraint_id(table, exclusion.name.text), exclusion.definition.text);
        for (const Index& index : table.indexes) {
            const std::string index_name = index_id(table, index.name.text);
            needs(index_name, index.where_clause->text);
            for (const KeyPart& part : index.columns) {
                needs(index_name, part.expression->text);
                needs(index_name, part.collate);
                needs(index_name, part.opclass);
            }
        }
    }
};

}  // namespace

std::vector<Dependency> mentioned_dependencies(const Schema& resolved) { return Mentions(resolved).run(); }

}  // namespace tenon::postgres
