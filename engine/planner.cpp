// Planning: diff, emit, try on scratch, look at the result.
#include "engine/planner.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "differ/diff.h"
#include "differ/report.h"
#include "engine/inspect.h"
#include "engine/scratch.h"

namespace tenon {
namespace {

bool approved(const Decisions& decisions, const std::string& object) {
    return decisions.allow_destructive || decisions.allowed_losses.contains(object);
}

/// The drops that destroy rows or values and that nobody approved.
std::vector<Question> undecided_losses(const Changes& changes, const Decisions& decisions) {
    std::vector<Question> questions;
    const auto ask = [&](std::string kind, const std::string& object) {
        if (!approved(decisions, object)) questions.push_back({std::move(kind), object, "", "--allow-destructive=" + object});
    };
    for (const Change& change : changes.list) {
        if (const auto* table = std::get_if<Delta<Table>>(&change); table != nullptr && table->from && !table->to) {
            ask("drop table", table->from->full_name());
        } else if (const auto* column = std::get_if<Delta<Column>>(&change); column != nullptr && column->from && !column->to) {
            // A generated column holds nothing that its expression does not give back.
            if (!column->from->generated) ask("drop column", column->table + "." + column->from->name);
        } else if (const auto* other = std::get_if<Delta<Unmanaged>>(&change); other != nullptr && other->from) {
            // A virtual table that changes is dropped and made anew: its module alone knows how it keeps its content.
            ask("drop " + other->from->kind, other->from->name);
        }
    }
    return questions;
}

/// A likely rename stays a question until the drop it would otherwise be is approved by name or as a whole.
std::vector<Question> open_questions(const Changes& changes, const Decisions& decisions) {
    std::vector<Question> questions;
    std::ranges::copy_if(changes.questions, std::back_inserter(questions),
                         [&](const Question& question) { return !approved(decisions, question.from); });
    for (Question& loss : undecided_losses(changes, decisions)) {
        const bool asked = std::ranges::any_of(questions, [&](const Question& question) { return question.from == loss.from; });
        if (!asked) questions.push_back(std::move(loss));
    }
    return questions;
}

Intents with_decisions(Intents intents, const Decisions& decisions) {
    intents.renames.insert(intents.renames.end(), decisions.renames.begin(), decisions.renames.end());
    return intents;
}

/// One try: native renames first, then the rest as it looks after them.  Fills `up` and `after`.
/// @throws Error where a statement fails on scratch or something is left to do afterwards.
void try_plan(Planned& planned, const PlanRequest& request, const Intents& intents, const Capabilities& capabilities) {
    const auto emitter = make_emitter(*request.from.dialect);
    auto scratch = scratch_with(request.from, request.scratch);

    const std::vector<Rename> renames = applicable_renames(request.from, request.to, intents);
    planned.up = emitter->rename(request.from, renames);
    Schema renamed = request.from;
    if (!planned.up.empty()) {
        run_on_scratch(*scratch, planned.up);
        renamed = inspect(*scratch);
    }
    planned.changes = diff(renamed, request.to, intents);
    Plan rest =
        emitter->plan(planned.changes, {.capabilities = capabilities, .decisions = request.decisions, .intents = intents});
    run_on_scratch(*scratch, rest);
    std::ranges::move(rename_changes(request.from, renames), std::inserter(planned.changes.list, planned.changes.list.begin()));
    std::ranges::move(rest.steps, std::back_inserter(planned.up.steps));
    std::ranges::move(rest.irreversible, std::back_inserter(planned.up.irreversible));
    planned.up.dialect = rest.dialect;
    planned.up.foreign_keys_off = planned.up.foreign_keys_off || rest.foreign_keys_off;

    planned.after = inspect(*scratch);
    const Changes left = diff(planned.after, request.to, intents);
    if (!left.empty()) {
        throw Error(ErrorCode::error, "the plan does not reach its target; what it leaves: " + describe(left.list.front()));
    }
}

std::set<std::string> described(const Changes& changes) {
    std::set<std::string> out;
    for (const Change& change : changes.list) out.insert(change_object(change));
    return out;
}

void append(Plan& plan, Plan more) {
    std::ranges::move(more.steps, std::back_inserter(plan.steps));
    std::ranges::move(more.irreversible, std::back_inserter(plan.irreversible));
}

/// A value that ALTER TYPE adds must be committed before it is used, which a scratch transaction never is.
bool needs_commit(const Plan& plan) {
    return std::ranges::any_of(plan.steps, [](const Step& step) { return step.group == 0 && step.kind == StepKind::statement; });
}

/// Tries the plan on `scratch`, which holds `request.from`.  A few expressions are printed otherwise once they were read back
/// from their own text, so a second round may be needed.
/// @throws Error where a statement fails or something is left to do afterwards.
void try_postgres(Planned& planned, const PlanRequest& request, const Intents& intents, Connection& scratch, bool own_database) {
    const auto emitter = make_emitter(Dialect::postgres);
    const PlanOptions options{.capabilities = request.capabilities, .decisions = request.decisions, .intents = intents};
    const std::vector<Rename> renames = applicable_renames(request.from, request.to, intents);
    const std::set<std::string> settled = described(diff(request.from, inspect(scratch), {}));
    Schema now = request.from;
    planned.up = emitter->rename(request.from, renames);
    if (!renames.empty()) {
        run_on_scratch(scratch, planned.up);
        now = inspect(scratch);
        planned.changes = diff(now, request.to, intents);
    }
    constexpr int kRounds = 2;
    Changes left = planned.changes;
    for (int round = 0; round < kRounds && !left.empty(); ++round) {
        const Plan more = emitter->plan(left, options);
        if (needs_commit(more) && !own_database) throw Error(ErrorCode::error, "new enum values must be committed before they are used");
        run_on_scratch(scratch, more);
        append(planned.up, more);
        planned.after = inspect(scratch);
        left = diff(planned.after, request.to, intents);
        std::erase_if(left.list, [&](const Change& change) { return settled.contains(change_object(change)); });
    }
    std::ranges::move(rename_changes(request.from, renames), std::inserter(planned.changes.list, planned.changes.list.begin()));
    if (!left.empty())
        throw Error(ErrorCode::error, "the plan does not reach its target; what it leaves: " + describe(left.list.front()),
                    "this is a bug of Tenon: please report it with `tenon diff --format json`");
}

/// PostgreSQL: the plan is made from the catalogs' own texts, and tried where there is a place for it: in a transaction that is
/// rolled back, and where that cannot hold it, in a database of its own.
void plan_postgres(Planned& planned, const PlanRequest& request, const Intents& intents) {
    std::optional<Error> failure;
    for (const bool own_database : {false, true}) {
        if (request.scratch.server.empty()) break;
        ScratchPlace place = request.scratch;
        place.own_database = own_database;
        std::unique_ptr<Connection> scratch;
        try {
            scratch = scratch_with(request.from, place);
        } catch (const Error&) {
            continue;  // a role that may not, or an object that only its maker can make again
        }
        try {
            Planned tried = planned;
            try_postgres(tried, request, intents, *scratch, own_database);
            planned = std::move(tried);
            return;
        } catch (const Error& error) {
            failure = error;
        }
    }
    const auto emitter = make_emitter(Dialect::postgres);
    const bool renames = !applicable_renames(request.from, request.to, intents).empty();
    const PlanOptions options{.capabilities = request.capabilities, .decisions = request.decisions, .intents = intents};
    Plan untried = emitter->plan(planned.changes, options);
    if (failure && (renames || !needs_commit(untried))) throw *failure;
    if (renames) throw Error(ErrorCode::error, "renames are planned on a scratch database, and there is none", "give --scratch-url");
    planned.up = std::move(untried);
    planned.after = request.to;
}

}  // namespace

Planned plan_changes(const PlanRequest& request) {
    const Intents intents = with_decisions(request.intents, request.decisions);
    Planned planned;
    planned.changes = diff(request.from, request.to, intents);
    planned.up.dialect = *request.from.dialect;
    planned.after = request.from;
    if (planned.changes.empty()) return planned;
    if (*request.from.dialect == Dialect::postgres) {
        plan_postgres(planned, request, intents);
        planned.questions = open_questions(planned.changes, request.decisions);
        return planned;
    }

    try {
        try_plan(planned, request, intents, request.capabilities);
    } catch (const Error& first) {
        // The quick ways are more particular about what they meet than a plain rebuild is.
        Capabilities classic = request.capabilities;
        classic.exchange_root_pages = false;
        classic.edit_stored_definition = false;
        try {
            try_plan(planned, request, intents, classic);
        } catch (const Error&) {
            throw Error(first.code(), std::string("no plan works: ") + first.what(), first.problems().front().hint);
        }
    }
    planned.questions = open_questions(planned.changes, request.decisions);
    return planned;
}

Planned plan_both_ways(const PlanRequest& request) {
    Planned planned = plan_changes(request);
    if (planned.up.empty()) return planned;
    PlanRequest back{.from = planned.after,
                     .to = request.from,
                     .intents = reverse(with_decisions(request.intents, request.decisions)),
                     .decisions = {.allow_destructive = true},
                     .capabilities = request.capabilities,
                     .scratch = request.scratch};
    planned.down = plan_changes(back).up;
    planned.down.irreversible = planned.up.irreversible;
    return planned;
}

}  // namespace tenon
