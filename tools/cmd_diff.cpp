// tenon diff: what differs, as text, as a script, as JSON.
#include <future>

#include "differ/json_text.h"
#include "differ/report.h"
#include "engine/inspect.h"
#include "schemas/resolve.h"
#include "schemas/yaml.h"
#include "tools/commands.h"
#include "tools/plan_output.h"

namespace tenon {
namespace {

constexpr int kDifferent = 2;

std::string unmanaged_json(const std::vector<Unmanaged>& objects) {
    std::string list;
    for (const Unmanaged& object : objects)
        list += (list.empty() ? "" : ",") + JsonObject().text("kind", object.kind).text("name", object.name).str();
    return "[" + list + "]";
}

std::string diff_json(const Planned& planned, Dialect dialect) {
    std::string changes;
    for (const Change& change : planned.changes.list) changes += (changes.empty() ? "" : ",") + change_json(change);
    std::string questions;
    for (const Question& question : planned.questions) {
        questions += (questions.empty() ? "" : ",") + JsonObject()
                                                          .text("kind", question.kind)
                                                          .text("old", question.from)
                                                          .text("new", question.to)
                                                          .text("flag", question.flag)
                                                          .str();
    }
    return JsonObject()
               .raw("version", "1")
               .text("dialect", dialect_name(dialect))
               .raw("changes", "[" + changes + "]")
               .raw("statements", statements_json(planned.up))
               .raw("questions", "[" + questions + "]")
               .raw("unmanaged", unmanaged_json(planned.changes.unmanaged))
               .text_if("untried", planned.untried)
               .str() +
           "\n";
}

std::string as_yaml(const Source& source) { return write_schema(source.declared ? *source.declared : declare(source.schema)); }

}  // namespace

int run_diff(Session& session) {
    const std::string format = session.arguments.value("format").value_or("text");
    if (session.arguments.has("unified") && format != "text")
        throw Error(ErrorCode::usage, "--unified is text, and no " + format, "give one of --unified and --format " + format);
    const auto from_text = session.arguments.value("from");
    const auto to_text = session.arguments.value("to");
    // Both ends are read at once; mistakes in schema files are told before what a database says.
    auto database = std::async(std::launch::async, [&] {
        return from_text ? session.read_source(*from_text) : session.database_source(Access::read);
    });
    Source to = session.read_source(to_text.value_or(session.config.schema.string()));
    Source from = database.get();
    to.intents.column_order = session.arguments.has("column-order");
    session.settle(from, to.settled ? &to.schema : nullptr);
    session.settle(to, &from.schema);
    if (session.arguments.has("unified")) {
        // Both as the database would say it, so that only what differs shows.
        Source plain_to;
        plain_to.schema = to.schema;
        const std::string text = unified_diff(as_yaml(from), as_yaml(plain_to), from_text.value_or("database"),
                                              to_text.value_or("schema"), session.terminal.colour_out());
        session.terminal.out(text);
        return text.empty() ? 0 : kDifferent;
    }
    PlanRequest request{.from = std::move(from.schema),
                        .to = std::move(to.schema),
                        .intents = to.intents,
                        .decisions = session.decisions(),
                        .capabilities = {},
                        .scratch = session.scratch_place()};
    if (from.connection) request.capabilities = capabilities(*from.connection);
    request.capabilities = session.with_settings(request.capabilities);
    // A rename that names nothing is told, whatever differs.
    const bool settled = to.in_sync && request.decisions.renames.empty();
    const Planned planned = settled ? Planned{.changes = std::move(*to.in_sync)} : plan_changes(request);

    name_assumed(session, planned);
    name_untried(session, planned);
    if (format == "json") session.terminal.out(diff_json(planned, *request.from.dialect));
    if (format == "text") {
        name_unmanaged(session, planned.changes);
        session.terminal.out(format_plan(planned, session.terminal.colour_out()));
        if (planned.changes.empty()) session.terminal.say("in sync");
    }
    if (planned.changes.empty()) {
        from.connection.reset();
        to.connection.reset();
        session.terminal.leave(0);
    }
    if (format != "sql") return kDifferent;
    if (!planned.questions.empty() && !session.arguments.has("partial")) return refuse(session, planned.questions, false);
    session.terminal.out(script(planned.up));
    return planned.questions.empty() ? kDifferent : static_cast<int>(ErrorCode::refused);
}

}  // namespace tenon
