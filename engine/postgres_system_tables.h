// Internal: the tables of PostgreSQL's own catalogs that Tenon speaks of by their numbers.
#pragma once

#include <cstdint>

namespace tenon::postgres {

/// Dependencies, comments and objects name the system's tables by these: the same in all versions (catalog/pg_*.h in
/// PostgreSQL's sources).
enum class SystemTable : std::uint32_t {
    default_privileges = 826,
    types = 1247,
    functions = 1255,
    relations = 1259,
    foreign_servers = 1417,
    family_operators = 2602,
    family_functions = 2603,
    defaults = 2604,
    casts = 2605,
    constraints = 2606,
    namespaces = 2615,
    operator_classes = 2616,
    operators = 2617,
    rewrites = 2618,
    triggers = 2620,
    operator_families = 2753,
    extensions = 3079,
    policies = 3256,
    statistics = 3381,
    collations = 3456,
    event_triggers = 3466,
    search_dictionaries = 3600,
    search_parsers = 3601,
    search_configurations = 3602,
    search_templates = 3764,
};

}  // namespace tenon::postgres
