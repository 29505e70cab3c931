// Running a plan on a database: in one transaction, or (PostgreSQL) in as few as it can be.
#pragma once

#include <chrono>
#include <functional>

#include "emitters/plan.h"
#include "engine/connection.h"
#include "schemas/schema.h"

namespace tenon {

struct ApplyOptions {
    std::chrono::milliseconds lock_timeout{5000};
    std::function<bool()> stopped{};                                ///< true: stop and roll back
    std::function<void(const Step&, std::size_t done)> progress{};  ///< before each step
    /// Asked before COMMIT with what is there then: a report of what is not as it should be rolls back.
    std::function<std::string(const Schema&)> left{};
};

/// Runs the plan while no other Tenon does.  Nothing of a transaction is changed unless all of it succeeds; where the plan has
/// more than one, planning again after a stop finds the rest.
/// @throws Error: refused for a guard that does not hold (with the number of rows and a few examples), locked, or the
///         database's own message.
void apply_plan(Connection& connection, const Plan& plan, const ApplyOptions& options);

}  // namespace tenon
