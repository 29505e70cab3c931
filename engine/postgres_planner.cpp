// Planning for PostgreSQL: try, inspect, and demand that nothing is left.
//
// A few expressions are printed otherwise once the server has read its own text back: `x IN (…)` over varchar, for one.  Where
// a trial leaves such a difference, both sides are compared as they are after one reading.
#include "engine/postgres_planner.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "differ/diff.h"
#include "differ/report.h"
#include "differ/respell.h"
#include "engine/inspect.h"
#include "engine/scratch.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_words.h"

namespace tenon::postgres {
namespace {

std::set<std::string> objects_of(const Changes& changes) {
    std::set<std::string> out;
    for (const Change& change : changes.list) out.insert(change_id(change));
    return out;
}

void append(Plan& plan, Plan more) {
    std::ranges::move(more.steps, std::back_inserter(plan.steps));
    std::ranges::move(more.irreversible, std::back_inserter(plan.irreversible));
}

/// A value that ALTER TYPE adds must be committed before it is used, which a scratch transaction never is.
bool needs_commit(const Plan& plan) {
    return std::ranges::any_of(plan.steps,
                               [](const Step& step) { return step.group == 0 && step.kind == StepKind::statement; });
}

PlanOptions options_of(const PlanRequest& request, const Intents& intents) {
    return {.capabilities = request.capabilities, .decisions = request.decisions, .intents = intents};
}

/// What a copy on scratch does not have: owners, and indexes that a CONCURRENTLY left invalid.
void take_over_state(Schema& made, const Schema& live) {
    made.owners = live.owners;
    std::set<std::string> invalid;
    for (const Table& table : live.tables) {
        for (const Index& index : table.indexes) {
            if (index.invalid) invalid.insert(index_id(table, index.name.text));
        }
    }
    if (invalid.empty()) return;
    for (Table& table : made.tables) {
        for (Index& index : table.indexes) index.invalid = invalid.contains(index_id(table, index.name.text));
    }
}

/// One trial in one kind of place.
class Trial {
public:
    Trial(const PlanRequest& request, const Intents& intents, bool own_database)
        : request_(request), intents_(intents), place_(request.scratch) {
        place_.own_database = own_database;
    }

    /// @throws Error where the place cannot hold the old schema: a role that may not, an object that only its maker can make.
    void open() {
        scratch_ = scratch_with(request_.from, place_);
        scratch_->query("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = current_user AND NOT rolsuper", {},
                        [&](std::span<const Value> row) { plain_role_ = std::get<std::string>(row[0]); });
        give_away();
        before_ = inspect(*scratch_);
        take_over_state(before_, request_.from);
    }

    /// Tries the plan.  @throws Error where a statement fails or something is left to do.
    void run(Planned& planned) {
        planned.restated = objects_of(compare(request_.from, before_, {}));
        const auto emitter = make_emitter(Dialect::postgres);
        const std::vector<Rename> renames = applicable_renames(request_.from, request_.to, intents_);
        planned.up = emitter->rename(request_.from, renames, request_.capabilities);
        if (!renames.empty()) {
            run_on_scratch(*scratch_, planned.up);
            planned.after = inspect(*scratch_);
            planned.changes = diff(planned.after, request_.to, intents_);
        }
        // What the first round restates the second may bring to its last form.
        constexpr int kRounds = 2;
        Changes left = planned.changes;
        for (int round = 0; round < kRounds && !left.empty(); ++round) {
            const Plan more = emitter->plan(left, options_of(request_, intents_));
            if (needs_commit(more) && !place_.own_database)
                throw Error(ErrorCode::error, "new enum values must be committed before they are used");
            run_on_scratch(*scratch_, possible(more));
            append(planned.up, more);
            planned.after = inspect(*scratch_);
            left = diff(planned.after, request_.to, intents_);
            std::erase_if(left.list, [&](const Change& change) {
                return planned.restated.contains(change_id(change)) || impossible_.contains(change_id(change));
            });
            refuse_losses(left);
            if (left.empty() || round + 1 < kRounds) continue;
            left = diff(planned.after, settled_target(), intents_);
        }
        std::ranges::move(rename_changes(request_.from, renames),
                          std::inserter(planned.changes.list, planned.changes.list.begin()));
        // The way back begins with the owners of the target, which scratch does not tell.
        std::ranges::copy_if(planned.changes.to.objects, std::back_inserter(planned.after.objects), is_ownership);
        planned.after.owners = request_.from.owners;
        if (!left.empty())
            throw Error(ErrorCode::error, "the plan does not reach its target; what it leaves: " + describe(left.list.front()),
                        "this is a bug of Tenon: please report it with `tenon diff --format json`");
    }

    /// Objects of `changes` that are alike once both texts were read back.
    std::set<std::string> alike(const Changes& changes) {
        std::set<std::string> out = objects_of(changes);
        for (const std::string& object : objects_of(compare(before_, settled_target(), intents_))) out.erase(object);
        return out;
    }

    /// True where some text of the target changed when it was read back.
    bool target_is_restated() const { return settled_ && !compare(request_.to, *settled_, {}).empty(); }

private:
    PlanRequest request_;
    Intents intents_;
    ScratchPlace place_;
    std::unique_ptr<Connection> scratch_;
    Schema before_{};
    std::optional<Schema> settled_{};
    std::string plain_role_{};            ///< who runs on scratch; empty for a superuser
    std::set<std::string> impossible_{};  ///< ids of ownerships that were not tried for that

    /// Others, unless a superuser runs: what they may on scratch is not known.
    bool is_stranger(const std::string& role) const { return !plain_role_.empty() && role != plain_role_; }

    /// What is missing after a round was there before: a later one would bring it back without its rows.
    void refuse_losses(const Changes& left) const {
        for (const Change& change : left.list) {
            const auto* column = std::get_if<Delta<Column>>(&change);
            const auto* table = std::get_if<Delta<Table>>(&change);
            const bool column_lost =
                column != nullptr && !column->from && column->to && has_column(column->table, column->to->name);
            const bool table_lost =
                table != nullptr && !table->from && find_table(request_.from, table->to->full_name()) != nullptr;
            if (column_lost || table_lost)
                throw Error(ErrorCode::error, "the plan would lose what it is to keep: " + describe(change),
                            "this is a bug of Tenon: please report it with `tenon diff --format json`");
        }
    }

    bool has_column(const std::string& table, const std::string& column) const {
        const Table* live = find_table(request_.from, table);
        return live != nullptr && std::ranges::find(live->columns, column, &Column::name) != live->columns.end();
    }

    /// A table must have the same owner as the sequences that go with it, or come to.
    void give_away() {
        std::string script;
        for (const auto& [id, role] : request_.from.owners.value.others) {
            const bool matters = id.starts_with("TABLE ") || id.starts_with("SEQUENCE ");
            if (matters && !is_stranger(role)) script += "ALTER " + id + " OWNER TO " + quote(role) + ";\n";
        }
        if (!script.empty()) scratch_->execute(script);
    }

    /// The plan without what hands things to others: a role needs privileges for that which scratch does not have, and who runs
    /// the script for real may be somebody else.
    Plan possible(const Plan& plan) {
        Plan out = plan;
        if (plain_role_.empty()) return out;
        std::erase_if(out.steps, [&](const Step& step) {
            const SqlWords words(step.sql, Dialect::postgres);
            const std::size_t role = words.size() < 2 ? 0 : words.size() - 1;
            const bool gives = words.is(0, "ALTER") && role > 2 && words.is(role - 1, "TO") && words.is(role - 2, "OWNER");
            if (!gives || !is_stranger(words.name(role))) return false;
            const std::string id = words.between(0, role - 2);  // with a space on both sides
            impossible_.insert("OWNER OF " + id.substr(1, id.size() - 2));
            return true;
        });
        return out;
    }

    const Schema& settled_target() {
        if (!settled_) {
            scratch_.reset();  // one transaction at a time
            settled_ = inspect(*scratch_with(request_.to, place_));
            std::ranges::copy_if(request_.to.objects, std::back_inserter(settled_->objects), is_ownership);
        }
        return *settled_;
    }
};

}  // namespace

void plan(Planned& planned, const PlanRequest& request, const Intents& intents) {
    std::optional<Error> failure;
    std::string closed = request.scratch.server.empty() ? "no server is named for it" : "";
    bool committing_failed = false;
    for (const bool own_database : {false, true}) {
        if (request.scratch.server.empty()) break;
        Trial trial(request, intents, own_database);
        try {
            trial.open();
        } catch (const Error& error) {
            closed = error.what();
            closed = closed.substr(0, closed.find("\n  in: "));
            continue;
        }
        try {
            Planned tried = planned;
            trial.run(tried);
            if (!tried.restated.empty() || trial.target_is_restated()) {
                const std::set<std::string> alike = trial.alike(planned.changes);
                if (!alike.empty()) {
                    PlanRequest respelled = request;
                    respelled.to = respell(request.to, planned.changes, alike);
                    Changes fewer = diff(request.from, respelled.to, intents);
                    if (fewer.list.size() < planned.changes.list.size()) {
                        planned.changes = std::move(fewer);
                        if (planned.changes.empty()) return;
                        return plan(planned, respelled, intents);
                    }
                }
            }
            planned = std::move(tried);
            return;
        } catch (const Error& error) {
            failure = error;
            committing_failed = own_database;
        }
    }
    const bool renames = !applicable_renames(request.from, request.to, intents).empty();
    Plan untried = make_emitter(Dialect::postgres)->plan(planned.changes, options_of(request, intents));
    if (failure && (renames || committing_failed || !needs_commit(untried))) throw *failure;
    if (renames)
        throw Error(ErrorCode::error, "renames are planned on a scratch database, and there is none", "give --scratch-url");
    planned.untried = std::move(closed);
    planned.up = std::move(untried);
    planned.after = request.to;
}

}  // namespace tenon::postgres
