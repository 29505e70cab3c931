// The verbs.  Each stands in a file of its own; main.cpp has the table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tools/options.h"
#include "tools/session.h"

namespace tenon {

struct Command {
    std::string_view name{};
    std::string_view synopsis{};  ///< what follows the name
    std::string_view help{};
    std::vector<Option> options{};
    std::size_t most_positional = 0;
    int (*run)(Session&) = nullptr;  ///< gives the exit status
};

int run_init(Session& session);
int run_inspect(Session& session);
int run_diff(Session& session);
int run_apply(Session& session);
int run_generate(Session& session);
int run_new(Session& session);
int run_check(Session& session);
int run_status(Session& session);
int run_query(Session& session);
int run_fmt(Session& session);
int run_migrate(Session& session);

}  // namespace tenon
