// Filling a scratch database with a schema, and running plans on it.
#include "engine/scratch.h"

#include "emitters/emitter.h"

namespace tenon {

std::unique_ptr<Connection> scratch_with(const Schema& schema, const ScratchPlace& place) {
    auto scratch = open_scratch(place);
    // A scratch database of PostgreSQL may be a transaction itself, and leaves out a BEGIN that is executed.
    const bool begins = !scratch->in_transaction();
    if (begins) scratch->query("BEGIN", {}, nullptr);
    for (const Unmanaged& object : schema.unmanaged) {
        if (object.kind != "virtual table") continue;
        try {
            scratch->execute(object.definition.text);
        } catch (const Error&) {
            // Its module is not in this build of SQLite.  Nothing that Tenon changes depends on it.
        }
    }
    for (const std::string& statement : make_emitter(place.dialect)->create_all(schema)) scratch->execute(statement);
    if (begins) scratch->query("COMMIT", {}, nullptr);
    return scratch;
}

void run_on_scratch(Connection& scratch, const Plan& plan) {
    // PostgreSQL: each group is a transaction, unless the scratch database is one itself.
    const bool grouped = plan.dialect == Dialect::postgres && !scratch.in_transaction();
    int group = -1;
    for (const Step& step : plan.steps) {
        if (grouped && step.group != group) {
            scratch.query(group < 0 ? "BEGIN" : "COMMIT", {}, nullptr);
            if (group >= 0) scratch.query("BEGIN", {}, nullptr);
            group = step.group;
        }
        try {
            if (step.kind == StepKind::statement) {
                scratch.execute(step.sql);
            } else if (scratch.scalar(step.sql) != Value{std::int64_t{0}}) {
                throw Error(ErrorCode::error, step.message);
            }
        } catch (const Error& error) {
            throw Error(error.code(), std::string(error.what()) + " (" + step.why + ")", error.problems().front().hint);
        }
    }
    if (group >= 0) scratch.query("COMMIT", {}, nullptr);
}

}  // namespace tenon
