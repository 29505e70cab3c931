// tenon check: for CI.  Schema and migrations agree, and the files are a chain, in every dialect of the project.
#include <algorithm>

#include "differ/report.h"
#include "schemas/resolve.h"
#include "tools/commands.h"

namespace tenon {
namespace {

int check_dialect(const Session& session) {
    const Source target = session.schema_source();
    const std::vector<Migration> migrations = session.migrations();
    const std::vector<Problem> problems = chain_problems(migrations);
    if (!problems.empty()) throw Error(ErrorCode::error, problems);
    const std::string name(dialect_name(session.dialect()));
    if (target.declared) {
        for (const std::string& key : skipped_keys(*target.declared, session.dialect()))
            session.terminal.say(name + " skips " + key);
    }
    const std::string where = session.dialects().size() > 1 ? name + ": " : "";
    const Changes changes = session.left_to_do(session.replayed(migrations, ""), target);
    if (changes.empty()) {
        session.terminal.say(where + "schema and migrations agree");
        return 0;
    }
    session.terminal.out(format_changes(changes, changes.questions, session.terminal.colour_out()));
    session.terminal.say(where + "the migrations do not end in the schema: `tenon generate NAME` writes the missing one");
    return 2;
}

}  // namespace

int run_check(Session& session) {
    int status = 0;
    for (const Dialect dialect : session.dialects()) status = std::max(status, check_dialect(session.in_dialect(dialect)));
    return status;
}

}  // namespace tenon
