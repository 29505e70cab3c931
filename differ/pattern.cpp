// Matching the names of tables that belong to others.
#include "differ/pattern.h"

#include <algorithm>
#include <array>

#include "schemas/sql_tokens.h"

namespace tenon {

bool matches_pattern(std::string_view name, std::string_view pattern) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return same_name(name, pattern);
    if (name.size() < star || !same_name(name.substr(0, star), pattern.substr(0, star))) return false;
    const std::string_view rest = pattern.substr(star + 1);
    for (std::size_t i = star; i <= name.size(); ++i) {
        if (matches_pattern(name.substr(i), rest)) return true;
    }
    return false;
}

bool is_foreign_history(std::string_view table) {
    static constexpr std::array<std::string_view, 14> kHistories{
        "alembic_version",      "schema_migrations",      "goose_db_version",   "flyway_schema_history", "django_migrations",
        "databasechangelog",    "databasechangeloglock",  "_prisma_migrations", "_sqlx_migrations",      "__drizzle_migrations",
        "ar_internal_metadata", "atlas_schema_revisions", "migrations",         "knex_migrations"};
    return std::ranges::any_of(kHistories, [&](std::string_view name) { return same_name(name, table); });
}

bool left_alone(std::string_view table, const std::vector<std::string>& ignored) {
    return is_foreign_history(table) ||
           std::ranges::any_of(ignored, [&](const std::string& pattern) { return matches_pattern(table, pattern); });
}

}  // namespace tenon
