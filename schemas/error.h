// The one exception type of Tenon, and the list of problems it carries.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {

/// Why a run ends other than well.  The values are the exit status of the command.
enum class ErrorCode {
    error = 1,    ///< bad input, a failed statement, anything without a code of its own
    refused = 3,  ///< a person must decide: data loss, a rename, a guard that stopped a migration
    locked = 4,   ///< another process holds the lock, or the run was interrupted half-way
    usage = 64,   ///< wrong command line
};

/// The name of an input file.  All places in all files of that name share one, which lives as long as the process.
class FileName {
public:
    FileName() = default;
    FileName(const std::string& name);
    FileName(const char* name) : FileName(std::string(name)) {}
    const std::string& str() const {
        static const std::string kNone;
        return name_ == nullptr ? kNone : *name_;
    }
    operator const std::string&() const { return str(); }
    bool empty() const { return str().empty(); }
    friend bool operator==(const FileName& a, const FileName& b) { return a.name_ == b.name_ || a.str() == b.str(); }
    friend bool operator<(const FileName& a, const FileName& b) { return a.str() < b.str(); }

private:
    const std::string* name_ = nullptr;
};

/// A place in an input file.  line and column count from 1 (columns in code points); 0 means "not known".
struct Where {
    FileName file{};
    int line = 0;
    int column = 0;
    bool operator==(const Where&) const = default;
};

/// One mistake: what is wrong, where, what to do about it, and the source line to show a caret under (may be empty).
struct Problem {
    std::string message{};
    Where where{};
    std::string hint{};
    std::string source_line{};
};

/// Everything that Tenon throws.  Holds at least one problem; a file with many mistakes gives one Error with all of them.
/// Exceptions of third-party libraries are turned into this type by the adapter that includes them.
class Error : public std::exception {
public:
    Error(ErrorCode code, std::string message, std::string hint = {}, Where where = {});
    Error(ErrorCode code, std::vector<Problem> problems);

    ErrorCode code() const noexcept { return code_; }
    const std::vector<Problem>& problems() const noexcept { return problems_; }
    /// The message of the first problem.
    const char* what() const noexcept override { return problems_.front().message.c_str(); }

    /// The database's own code of the failure (SQLSTATE; SQLITE_ERROR), where it gave one.  Its place in the statement is then the first
    /// problem's `where`, without a file.
    const std::string& state() const noexcept { return state_; }
    Error& set_state(std::string state) {
        state_ = std::move(state);
        return *this;
    }

private:
    ErrorCode code_;
    std::string state_{};
    std::vector<Problem> problems_{};
};

/// The text shown to a person, one block per problem:
///     path:line:column: error: message
///       source line
///           ^
///       hint: did you mean "x"?
std::string format_problems(const Error& error);

/// The candidate closest to `word` by edit distance when it is close enough to be a typing mistake, else empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tenon
