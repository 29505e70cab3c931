// The `tenon` command: finds the verb, runs it, and turns errors into messages and an exit status.
#include <algorithm>
#include <exception>
#include <iostream>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "schemas/error.h"
#include "tools/commands.h"
#include "tools/files.h"

namespace tenon {
namespace {

const std::vector<Command>& commands() {
    using enum Option::Value;
    static const Option kFormat{"format", required, "FORMAT", "text, sql or json", 0, {"text", "sql", "json"}};
    static const Option kJson{"format", required, "FORMAT", "text or json", 0, {"text", "json"}};
    static const Option kDestructive{"allow-destructive", optional, "TABLE[.COLUMN]",
                                     "approve drops; with a name, that one and its values"};
    static const Option kRename{"rename", required, "OLD=NEW", "table=table or table.column=column: this is a rename"};
    static const Option kDialect{"dialect", required, "NAME", "sqlite or postgres, where no source says so"};
    static const Option kOrder{"column-order", none, "", "a different order of columns is a difference"};
    static const Option kDry{"dry-run", none, "", "show the SQL, change nothing"};
    static const Option kLock{"lock-timeout", required, "TIME", "how long to wait for a lock (default 5s)"};
    static const Option kWait{"wait", none, "", "wait for a lock as long as it takes"};
    static const Option kYes{"yes", none, "", "do not ask for confirmation", 'y'};
    static const Option kTo{"to", required, "VERSION", "up to this version, or down to it"};
    static const std::vector<Command> kCommands{
        {"init", "[--url URL]", "write tenon.yaml and schema.yaml; with --url, for a database that exists", {}, 0, run_init},
        {"inspect",
         "[--url URL]",
         "print the schema of a database as YAML",
         {{"out", required, "DIR", "write DIR/schema.yaml, and bodies of more than 30 lines as DIR/sql/NAME.sql"}},
         0,
         run_inspect},
        {"diff",
         "[--from SOURCE] [--to SOURCE]",
         "show what differs (default: from the database to the schema)",
         {{"from", required, "SOURCE", "schema file, .sql script, migrations folder, URL or `empty`"},
          {"to", required, "SOURCE", "the same"},
          kFormat,
          {"unified", none, "", "a unified diff of the two schemas as YAML"},
          {"partial", none, "", "print the script for what is managed, though something else differs"},
          kDestructive,
          kRename,
          kDialect,
          kOrder,
          kLock},
         0,
         run_diff},
        {"apply",
         "",
         "bring the database to the schema, without migration files",
         {kJson, kYes, kDestructive, kRename, kOrder, kDry, kLock, kWait},
         0,
         run_apply},
        {"generate",
         "NAME",
         "write the next migration: from what the migrations make to the schema",
         {kJson, kDestructive, kRename, kDialect, kOrder, kDry},
         1,
         run_generate},
        {"new", "NAME", "write an empty migration", {kDialect}, 1, run_new},
        {"check", "", "make sure that schema and migrations agree", {kDialect}, 0, run_check},
        {"status", "", "show which migrations the database has", {kJson}, 0, run_status},
        {"query",
         "TABLE",
         "print rows as JSON",
         {{"select", required, "A,B", "these columns alone"},
          {"where", required, "SQL", "a condition over the table's columns"},
          {"param", required, "NAME=VALUE", "a value for :NAME in the condition"},
          {"order", required, "[-]A,…", "order by these columns, - for descending"},
          {"limit", required, "N", "at most so many rows"},
          {"offset", required, "N", "skip so many rows"},
          {"with", required, "REL[.REL],…", "related rows too"},
          {"format", required, "FORMAT", "json (one array) or ndjson (a row a line)", 0, {"json", "ndjson"}}},
         1,
         run_query},
        {"fmt",
         "[FILE…]",
         "rewrite schema files in their canonical form",
         {{"check", none, "", "change nothing; exit 2 where a file would change"}},
         1000,
         run_fmt},
        {"migrate",
         "up|down|redo|baseline|repair|status [N|VERSION]",
         "run migrations",
         {kTo, kDestructive, kDry, kLock, kWait, kJson},
         2,
         run_migrate},
    };
    return kCommands;
}

std::string overview() {
    std::string out = "usage: tenon VERB [FLAGS]\n\n";
    for (const Command& command : commands()) {
        std::string left = "  " + std::string(command.name);
        left.resize(14, ' ');
        out += left + std::string(command.help) + "\n";
    }
    return out + "\n`tenon VERB --help` tells more; `tenon --version` the version.\n";
}

std::string help_of(const Command& command) {
    const std::string synopsis = command.synopsis.empty() ? "" : std::string(command.synopsis) + " ";
    return "usage: tenon " + std::string(command.name) + " " + synopsis + "[FLAGS]\n\n" + std::string(command.help) + "\n\n" +
           options_help(command.options);
}

const Command& find_command(const std::string& name) {
    const auto found = std::ranges::find(commands(), name, &Command::name);
    if (found != commands().end()) return *found;
    std::vector<std::string> names;
    for (const Command& command : commands()) names.emplace_back(command.name);
    const std::string close = did_you_mean(name, names);
    throw Error(ErrorCode::usage, "there is no verb " + name,
                close.empty() ? "`tenon --help` lists them" : "did you mean `tenon " + close + "`?");
}

int run(const std::vector<std::string>& words) {
    if (words.empty()) {
        std::cerr << overview();
        return static_cast<int>(ErrorCode::usage);
    }
    if (words[0] == "--version" || words[0] == "version") {
        std::cout << "tenon " TENON_VERSION "\n";
        return 0;
    }
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        std::cout << (words.size() > 1 && words[0] == "help" ? help_of(find_command(words[1])) : overview());
        return 0;
    }
    const Command& command = find_command(words[0]);
    Arguments arguments = parse_arguments({words.begin() + 1, words.end()}, command.options, command.most_positional);
    if (arguments.has("help")) {
        std::cout << help_of(command);
        return 0;
    }
    Terminal terminal(arguments.value("color").value_or("auto"), arguments.has("quiet"), arguments.has("verbose"));
    Config config = load_config(arguments);
    Session session(std::move(arguments), std::move(config), terminal);
    return command.run(session);
}

}  // namespace
}  // namespace tenon

int main(int argc, char** argv) {
#ifdef __GLIBC__
    // A schema is many small things: memory for them is asked for in few large pieces.
    constexpr int kPiece = 32 << 20;
    mallopt(M_TOP_PAD, kPiece);
#endif
    try {
        return tenon::run({argv + 1, argv + argc});
    } catch (const tenon::Error& error) {
        std::cerr << tenon::format_problems(tenon::with_source_lines(error));
        return static_cast<int>(error.code());
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << "\n";
        return 1;
    }
}
