// tenon fmt: schema files in their canonical form.
#include "schemas/yaml.h"
#include "tools/commands.h"
#include "tools/files.h"

namespace tenon {

int run_fmt(Session& session) {
    std::vector<SchemaText> files;
    if (session.arguments.positional.empty()) files = schema_texts(session.config.schema);
    for (const std::string& path : session.arguments.positional) {
        for (SchemaText& file : schema_texts(path)) files.push_back(std::move(file));
    }
    const bool check = session.arguments.has("check");
    int status = 0;
    for (const SchemaText& file : files) {
        const std::string formatted = format_schema(file);
        if (formatted == file.text) continue;
        if (check) {
            session.terminal.out(file.path + "\n");
            status = 2;
        } else {
            write_file(file.path, formatted);
            session.terminal.say("formatted " + file.path);
        }
    }
    return status;
}

}  // namespace tenon
