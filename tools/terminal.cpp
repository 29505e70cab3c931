// The terminal, and the signals that stop a run.
#include "tools/terminal.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "schemas/error.h"

namespace tenon {
namespace {

volatile std::sig_atomic_t stop_signal = 0;  // a signal handler may write nothing else

extern "C" void remember_signal(int signal) { stop_signal = signal; }

bool set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

}  // namespace

Terminal::Terminal(std::string_view colour, bool quiet, bool verbose) : quiet_(quiet), verbose_(verbose) {
    colour_out_ = colour == "always" || (colour == "auto" && isatty(STDOUT_FILENO) != 0 && !set("NO_COLOR"));
    can_ask_ = isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0 && !set("CI");
    progress_ = isatty(STDERR_FILENO) != 0 && !quiet && !set("CI");
}

void Terminal::out(std::string_view text) const {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        throw Error(ErrorCode::error, "cannot write to the standard output");
}

void Terminal::leave(int status) const {
    if (std::fflush(stdout) != 0) throw Error(ErrorCode::error, "cannot write to the standard output");
    std::_Exit(status);
}

void Terminal::say(std::string_view text) const {
    if (!quiet_) warn(text);
}

void Terminal::warn(std::string_view text) const {
    std::fflush(stdout);
    std::fwrite(text.data(), 1, text.size(), stderr);
    if (!text.ends_with('\n')) std::fputc('\n', stderr);
}

bool Terminal::confirm(std::string_view question) const {
    std::fprintf(stderr, "%s [y/N] ", std::string(question).c_str());
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

void Terminal::progress(std::string_view label, std::size_t done, std::size_t all) {
    constexpr auto kPatience = std::chrono::milliseconds(500);
    if (!progress_ || std::chrono::steady_clock::now() - started_ < kPatience) return;
    constexpr std::size_t kWidth = 30;
    const std::size_t filled = all == 0 ? 0 : kWidth * done / all;
    std::fprintf(stderr, "\r\033[K%s [%s%s] %zu/%zu", std::string(label).c_str(), std::string(filled, '#').c_str(),
                 std::string(kWidth - filled, '.').c_str(), done, all);
    std::fflush(stderr);
    drawn_ = true;
}

void Terminal::progress_over() {
    if (drawn_) std::fputs("\r\033[K", stderr);
    drawn_ = false;
}

void catch_stop_signals() {
    struct sigaction action {};
    action.sa_handler = remember_signal;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() { return stop_signal != 0; }

}  // namespace tenon
