// Making a resolved schema on scratch: in the order that mentioned names suggest; what fails is tried again after the others,
// until nothing moves.
#include "engine/postgres_maker.h"

#include <algorithm>
#include <set>

#include "emitters/emitter.h"
#include "engine/postgres_connection.h"
#include "engine/postgres_places.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

/// A statement, and the id of what it is for.
struct Making {
    std::string sql{};
    std::string id{};
};

constexpr std::string_view kSyntaxError = "42601";

class Maker {
public:
    Maker(const Schema& resolved, Connection& scratch) : resolved_(resolved), places_(resolved), scratch_(scratch) {
        for (const Dependency& dependency : resolved.dependencies.value) needs_[dependency.id].insert(dependency.needs);
    }

    void run() {
        if (!scratch_.in_transaction()) execute_as_is(scratch_, "BEGIN");
        execute_as_is(scratch_, "SET LOCAL check_function_bodies = off");
        make(makings());
        check_bodies();
    }

private:
    const Schema& resolved_;
    Places places_;
    Connection& scratch_;
    std::map<std::string, std::set<std::string>> needs_;

    std::vector<Making> makings() const {
        Changes changes;
        changes.from.dialect = Dialect::postgres;
        changes.from.schemas = {"public"};
        changes.to = resolved_;
        PlanOptions options;
        options.guards = false;
        std::vector<Making> out;
        for (const Step& step : make_emitter(Dialect::postgres)->plan(changes, options).steps) {
            if (step.kind != StepKind::statement || step.sql.starts_with("SET LOCAL ")) continue;
            out.push_back({step.sql, step.why.substr(step.why.find(' ') + 1)});
        }
        return out;
    }

    /// Runs statements under a savepoint.  The error, or nothing.
    std::optional<Error> attempt(const std::string& sql) {
        execute_as_is(scratch_, "SAVEPOINT tenon_try");
        try {
            scratch_.execute(sql);
            execute_as_is(scratch_, "RELEASE SAVEPOINT tenon_try");
            return std::nullopt;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::error) throw;
            execute_as_is(scratch_, "ROLLBACK TO SAVEPOINT tenon_try; RELEASE SAVEPOINT tenon_try");
            return error;
        }
    }

    void make(std::vector<Making> left) {
        std::string all;
        for (const Making& making : left) all += making.sql + ";\n";
        if (left.empty() || !attempt(all)) return;
        while (!left.empty()) {
            std::vector<Making> again;
            std::vector<Error> errors;
            for (Making& making : left) {
                if (auto error = attempt(making.sql)) {
                    errors.push_back(std::move(*error));
                    again.push_back(std::move(making));
                }
            }
            if (again.size() == left.size()) fail(again, errors);
            left = std::move(again);
        }
    }

    bool needs(const std::string& id, const std::string& other) const {
        if (id == other) return false;
        const auto found = needs_.find(id);
        if (found != needs_.end() && found->second.contains(other)) return true;
        // "INDEX …", "COMMENT ON COLUMN public.t.c", "CONSTRAINT c ON public.t" need the table they name.
        const std::string name = other.substr(other.rfind(' ') + 1);
        return other.starts_with("TABLE ") && (id.ends_with(" " + name) || id.find(" " + name + ".") != std::string::npos);
    }

    /// Says what is wrong with all that fails for a reason of its own.
    [[noreturn]] void fail(const std::vector<Making>& failed, const std::vector<Error>& errors) const {
        std::vector<Problem> problems;
        for (std::size_t i = 0; i < failed.size(); ++i) {
            const bool follows = errors[i].state() != kSyntaxError && std::ranges::any_of(failed, [&](const Making& other) {
                                     return needs(failed[i].id, other.id) && !needs(other.id, failed[i].id);
                                 });
            const bool circle =
                std::ranges::any_of(failed, [&](const Making& other) { return in_circle(failed[i].id, other.id); });
            if (!follows && !circle) problems.push_back(places_.problem(errors[i], failed[i].id, failed[i].sql));
        }
        if (problems.empty()) problems.push_back(circle_problem(failed, errors));
        throw Error(ErrorCode::error, std::move(problems));
    }

    bool in_circle(const std::string& id, const std::string& other) const {
        return id != other && needs(id, other) && needs(other, id);
    }

    Problem circle_problem(const std::vector<Making>& failed, const std::vector<Error>& errors) const {
        // From the first one along what is missing, until something comes back.
        std::vector<std::size_t> way{0};
        while (true) {
            const std::string& id = failed[way.back()].id;
            std::size_t next = failed.size();
            for (std::size_t i = 0; i < failed.size(); ++i) {
                if (needs(id, failed[i].id)) {
                    next = i;
                    break;
                }
            }
            if (next == failed.size()) break;
            const auto seen = std::ranges::find(way, next);
            if (seen != way.end()) {
                way.erase(way.begin(), seen);
                break;
            }
            way.push_back(next);
        }
        Problem problem = places_.problem(errors[way.front()], failed[way.front()].id, failed[way.front()].sql);
        std::string names;
        for (const std::size_t i : way) names += failed[i].id + " needs ";
        if (way.size() > 1) {
            problem.message = "these need each other, so that none can be made first: " + names + failed[way.front()].id;
            problem.hint = "take one of them out of the circle";
        }
        return problem;
    }

    static bool has_string_body(const Object& object) {
        const bool routine = object.id.starts_with("FUNCTION ") || object.id.starts_with("PROCEDURE ");
        return routine && std::ranges::any_of(lex(object.definition.text, Dialect::postgres),
                                              [](const Token& token) { return token.kind == TokenKind::string; });
    }

    /// The same statement as CREATE OR REPLACE; `added` tells by how many characters it grew.
    static std::string replacing(const std::string& sql, int& added) {
        std::size_t create = std::string::npos;
        for (const Token& token : lex(sql, Dialect::postgres)) {
            if (token.kind == TokenKind::space || token.kind == TokenKind::comment) continue;
            if (create != std::string::npos) {
                if (is_keyword(sql, token, "OR")) return sql;
                break;
            }
            create = token.end;
        }
        constexpr std::string_view kReplace = " OR REPLACE";
        added = static_cast<int>(kReplace.size());
        return sql.substr(0, create) + std::string(kReplace) + sql.substr(create);
    }

    /// Bodies were not looked at when they were made, because they may speak of what comes later.  Now all is there.  What a
    /// body speaks of may still be made by someone else; what is no SQL will not become any.
    void check_bodies() {
        std::string all = "SET LOCAL check_function_bodies = on;\n";
        std::vector<const Object*> routines;
        int added = 0;
        for (const Object& object : resolved_.objects) {
            if (!has_string_body(object)) continue;
            routines.push_back(&object);
            all += replacing(object.definition.text, added) + ";\n";
        }
        if (routines.empty() || !attempt(all)) return;
        execute_as_is(scratch_, "SET LOCAL check_function_bodies = on");
        std::vector<Problem> problems;
        for (const Object* object : routines) {
            added = 0;
            const std::string sql = replacing(object->definition.text, added);
            const auto error = attempt(sql);
            if (!error || error->state() != kSyntaxError) continue;
            Problem at = error->problems().front();
            Error moved(ErrorCode::error, at.message, at.hint, moved_back(at.where, sql, added));
            problems.push_back(places_.problem(moved, object->id, object->definition.text));
        }
        if (!problems.empty()) throw Error(ErrorCode::error, std::move(problems));
    }

    /// The place in the text before words were added to its first line.
    static Where moved_back(Where where, const std::string& sql, int added) {
        const auto create = static_cast<int>(fold(sql).find("create"));
        if (added > 0 && where.line == 1 + std::count(sql.begin(), sql.begin() + std::max(create, 0), '\n') &&
            where.column > added)
            where.column -= added;
        return where;
    }
};

}  // namespace

void make_on(Connection& scratch, const Schema& resolved) { Maker(resolved, scratch).run(); }

}  // namespace tenon::postgres
