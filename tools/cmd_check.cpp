// tenon check: for CI.  Schema and migrations agree, and the files are a chain.
#include "differ/diff.h"
#include "differ/report.h"
#include "schemas/resolve.h"
#include "tools/commands.h"

namespace tenon {

int run_check(Session& session) {
    const Source target = session.schema_source();
    const std::vector<Migration> migrations = session.migrations();
    const std::vector<Problem> problems = chain_problems(migrations);
    if (!problems.empty()) throw Error(ErrorCode::error, problems);
    if (target.declared) {
        for (const std::string& key : skipped_keys(*target.declared, session.dialect())) {
            session.terminal.say(std::string(dialect_name(session.dialect())) + " skips " + key);
        }
    }
    const Changes changes = diff(session.replayed(migrations, ""), target.schema, target.intents);
    if (changes.empty()) {
        session.terminal.say("schema and migrations agree");
        return 0;
    }
    session.terminal.out(format_changes(changes, session.terminal.colour_out()));
    session.terminal.say("the migrations do not end in the schema: `tenon generate NAME` writes the missing one");
    return 2;
}

}  // namespace tenon
