// What the command says to people: messages, colours, questions, progress.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace tenon {

class Terminal {
public:
    /// `colour` is auto, always or never.
    Terminal(std::string_view colour, bool quiet, bool verbose);

    /// Data: stdout.  @throws Error where stdout cannot be written.
    void out(std::string_view text) const;
    /// Messages: stderr, unless --quiet.
    void say(std::string_view text) const;
    /// Messages that --quiet does not silence.
    void warn(std::string_view text) const;
    void detail(std::string_view text) const {
        if (verbose_) say(text);
    }

    bool colour_out() const { return colour_out_; }
    /// True where a person can be asked: stdin and stderr are terminals, and CI is not set.
    bool can_ask() const { return can_ask_; }
    /// Ends the process once all is written.  What was read is not given back piece by piece: for two schemas of a thousand
    /// tables that takes as long as comparing them did.  Connections must be closed.
    [[noreturn]] void leave(int status) const;
    /// A yes-or-no question, no by default.
    bool confirm(std::string_view question) const;

    /// A line about long work, drawn over itself; only on a terminal, and only once the work takes longer than a moment.
    void progress(std::string_view label, std::size_t done, std::size_t all);
    void progress_over();

private:
    bool quiet_ = false;
    bool verbose_ = false;
    bool colour_out_ = false;
    bool can_ask_ = false;
    bool progress_ = false;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// Sets up SIGINT and SIGTERM to be remembered instead of ending the process.
void catch_stop_signals();
/// True once one came.
bool stop_requested();

}  // namespace tenon
