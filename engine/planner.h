// The way from one schema to another, planned and tried on a scratch database before anyone sees it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "differ/change.h"
#include "differ/intents.h"
#include "emitters/emitter.h"
#include "emitters/plan.h"
#include "engine/connection.h"

namespace tenon {

struct PlanRequest {
    Schema from{};  ///< resolved; stored texts present on SQLite
    Schema to{};    ///< resolved
    Intents intents{};
    Decisions decisions{};
    Capabilities capabilities{};
    ScratchPlace scratch{};  ///< PostgreSQL without a server: the plan is not tried
};

struct Planned {
    Changes changes{};  ///< all differences, renames included, for reports
    Plan up{};
    Plan down{};                        ///< filled by plan_both_ways only
    std::vector<Question> questions{};  ///< undecided renames and losses nobody named
    std::vector<Question> assumed{};    ///< likely renames that are drops because drops are approved as a whole
    Schema after{};                     ///< what the database holds after `up` (inspected on scratch); empty without changes
    std::string untried{};             ///< PostgreSQL: why the plan was not tried on scratch; empty where it was
    std::set<std::string> restated{};  ///< PostgreSQL: objects that the server prints otherwise once it reads its own text back
};

/// Plans, runs the plan on a scratch database that holds from's schema, inspects it, and makes sure that nothing is left to
/// do.  @throws Error where no plan converges (never a wrong plan).
Planned plan_changes(const PlanRequest& request);

/// The same, with the way back planned from `after`.
Planned plan_both_ways(const PlanRequest& request);

/// A schema as a dialect would hold it.
struct Materialized {
    Schema schema{};
    std::optional<Changes> in_sync{};  ///< set where it was found on the way that nothing differs from `live`
};

/// A resolved schema (schemas/resolve.h) as the dialect would hold it, in the form that inspection gives: stored texts filled
/// in, checked by the dialect's own parser for what is new.  `live`: a database whose own words serve where they are the same
/// (the intents tell how the two are compared).
Materialized materialize(Schema resolved, const ScratchPlace& place, const Schema* live = nullptr, const Intents& intents = {});

/// The schema that an SQL script makes on an empty scratch database.
Schema materialize_script(std::string_view sql, const ScratchPlace& place);

}  // namespace tenon
