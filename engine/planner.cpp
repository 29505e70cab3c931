// Planning: diff, emit, try on scratch, look at the result.
#include "engine/planner.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "differ/diff.h"
#include "differ/report.h"
#include "emitters/postgres_locks.h"
#include "engine/inspect.h"
#include "engine/postgres_planner.h"
#include "engine/scratch.h"

namespace tenon {
namespace {

bool approved(const Decisions& decisions, const std::string& object) {
    return decisions.allow_destructive || decisions.allowed_losses.contains(object);
}

/// The drops that destroy rows or values and that nobody approved.
std::vector<Question> undecided_losses(const Changes& changes, const Decisions& decisions, Dialect dialect) {
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
        } else if (const auto* other = std::get_if<Delta<Unmanaged>>(&change);
                   other != nullptr && other->from && dialect == Dialect::sqlite) {
            // A virtual table that changes is dropped and made anew: its module alone knows how it keeps its content.
            ask("drop " + other->from->kind, other->from->name);
        }
    }
    return questions;
}

/// What differs and only a person can bring about, between two databases of PostgreSQL.
std::vector<Question> unmanaged_differences(const Changes& changes, Dialect dialect) {
    std::vector<Question> questions;
    for (const Change& change : changes.list) {
        const auto* delta = std::get_if<Delta<Unmanaged>>(&change);
        if (delta == nullptr || dialect != Dialect::postgres) continue;
        const std::string verb = !delta->from ? "make the " : !delta->to ? "drop the " : "change the ";
        const Unmanaged& object = delta->to ? *delta->to : *delta->from;
        questions.push_back({verb + object.kind, object.name + ", which Tenon does not manage", "", "--partial"});
    }
    return questions;
}

/// A likely rename stays a question until the drop it would otherwise be is approved by name, or as a whole, which is told.
void ask(Planned& planned, const Decisions& decisions) {
    planned.questions.clear();
    planned.assumed.clear();
    for (const Question& question : planned.changes.questions) {
        if (decisions.allowed_losses.contains(question.from)) continue;
        (decisions.allow_destructive ? planned.assumed : planned.questions).push_back(question);
    }
    for (Question& loss : undecided_losses(planned.changes, decisions, planned.up.dialect)) {
        const bool asked =
            std::ranges::any_of(planned.questions, [&](const Question& question) { return question.from == loss.from; });
        if (!asked) planned.questions.push_back(std::move(loss));
    }
    std::ranges::move(unmanaged_differences(planned.changes, planned.up.dialect), std::back_inserter(planned.questions));
}

/// What is not managed may be what a trial lacks.
[[noreturn]] void fail(const Error& error, const Changes& changes, Dialect dialect) {
    const std::vector<Question> unmanaged = unmanaged_differences(changes, dialect);
    if (unmanaged.empty()) throw;
    throw Error(ErrorCode::refused, unmanaged.front().kind + " " + unmanaged.front().from + "; without that: " + error.what(),
                "make it by hand first");
}

Intents with_decisions(const PlanRequest& request) {
    Intents intents = request.intents;
    std::ranges::move(named_renames(request.from, request.to, intents, request.decisions.renames),
                      std::back_inserter(intents.renames));
    return intents;
}

/// One try: native renames first, then the rest as it looks after them.  Fills `up` and `after`.
/// @throws Error where a statement fails on scratch or something is left to do afterwards.
void try_plan(Planned& planned, const PlanRequest& request, const Intents& intents, const Capabilities& capabilities) {
    const auto emitter = make_emitter(*request.from.dialect);
    auto scratch = scratch_with(request.from, request.scratch);

    const std::vector<Rename> renames = applicable_renames(request.from, request.to, intents);
    planned.up = emitter->rename(request.from, renames, capabilities);
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
    const Changes left = compare(planned.after, request.to, intents);
    if (!left.empty()) {
        throw Error(ErrorCode::error, "the plan does not reach its target; what it leaves: " + describe(left.list.front()));
    }
}

/// A guard belongs to the transaction of the statement that follows it.
void group_guards(Plan& plan) {
    int group = plan.steps.empty() ? 0 : plan.steps.back().group;
    for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
        if (step->kind == StepKind::guard) {
            step->group = group;
        } else {
            group = step->group;
        }
    }
}

}  // namespace

Planned plan_changes(const PlanRequest& request) {
    const Intents intents = with_decisions(request);
    Planned planned;
    planned.changes = compare(request.from, request.to, intents);
    planned.up.dialect = *request.from.dialect;
    if (planned.changes.empty()) return planned;
    planned.after = planned.changes.from = request.from;
    if (*request.from.dialect == Dialect::postgres) {
        try {
            postgres::plan(planned, request, intents);
        } catch (const Error& error) {
            fail(error, compare(request.from, request.to, intents), Dialect::postgres);
        }
        group_guards(planned.up);
        postgres::tell_costs(planned.up, request.from);
        ask(planned, request.decisions);
        return planned;
    }

    // The quick ways are more particular about what they meet: DROP COLUMN wants every view and trigger in order, and an edit
    // a text that it understands.
    Capabilities without_drop = request.capabilities;
    without_drop.native_drop_column = false;
    Capabilities classic = without_drop;
    classic.exchange_root_pages = classic.edit_stored_definition = false;
    std::optional<Error> first;
    for (const Capabilities& capabilities : {request.capabilities, without_drop, classic}) {
        try {
            try_plan(planned, request, intents, capabilities);
            ask(planned, request.decisions);
            return planned;
        } catch (const Error& error) {
            if (!first) first = error;
        }
    }
    throw Error(first->code(), std::string("no plan works: ") + first->what(), first->problems().front().hint);
}

Planned plan_both_ways(const PlanRequest& request) {
    Planned planned = plan_changes(request);
    if (planned.up.empty()) return planned;
    PlanRequest back{.from = planned.after,
                     .to = request.from,
                     .intents = reverse(with_decisions(request)),
                     .decisions = {.allow_destructive = true, .undoing = true},
                     .capabilities = request.capabilities,
                     .scratch = request.scratch};
    planned.down = plan_changes(back).up;
    planned.down.irreversible = planned.up.irreversible;
    return planned;
}

}  // namespace tenon
