// From inspected to declared: the dialect's own way, and the parts that dialects share.
#include "schemas/declare.h"

#include "schemas/resolve.h"

namespace tenon {

Schema declare(const Schema& inspected) {
    return inspected.dialect == Dialect::postgres ? postgres::declare(inspected) : sqlite::declare(inspected);
}

/// Names that are what nobody would have to give are not given.
void forget_conventional(ConstraintName& name, const std::string& table, const std::vector<std::string>& columns,
                         std::string_view suffix) {
    name.given = {!name.text.empty()};
    if (name.text == conventional_name(table, columns, suffix)) name = {.text = {}, .given = {false}};
}

std::vector<std::string> part_names(const std::vector<KeyPart>& parts) {
    std::vector<std::string> names;
    for (const KeyPart& part : parts) names.push_back(part.column.empty() ? "expr" : part.column);
    return names;
}

}  // namespace tenon
