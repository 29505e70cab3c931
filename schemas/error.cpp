// Errors as people read them.
#include "schemas/error.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <set>

namespace tenon {
namespace {

/// Edit distance with neighbours swapped counting as one (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

/// Space up to a column (in code points), tabs kept so that the caret stands under its place.
std::string indent_to(std::string_view line, int column) {
    std::string out;
    int at = 1;
    for (const char c : line) {
        if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;
        if (at++ >= column) break;
        out += c == '\t' ? '\t' : ' ';
    }
    return out;
}

}  // namespace

FileName::FileName(const std::string& name) {
    static std::mutex guard;
    static std::set<std::string> names;
    const std::scoped_lock lock(guard);
    name_ = &*names.insert(name).first;
}

Error::Error(ErrorCode code, std::string message, std::string hint, Where where)
    : code_(code),
      problems_{{.message = std::move(message), .where = where, .hint = std::move(hint), .source_line = {}}} {}

Error::Error(ErrorCode code, std::vector<Problem> problems) : code_(code), problems_(std::move(problems)) {
    if (problems_.empty()) problems_.push_back({.message = "unknown error", .where = {}, .hint = {}, .source_line = {}});
}

std::string format_problems(const Error& error) {
    std::string out;
    for (const Problem& problem : error.problems()) {
        if (!problem.where.file.empty()) {
            out += problem.where.file.str() + ":";
            if (problem.where.line > 0) out += std::to_string(problem.where.line) + ":";
            if (problem.where.column > 0) out += std::to_string(problem.where.column) + ":";
            out += " ";
        }
        out += "error: " + problem.message + "\n";
        if (!problem.source_line.empty()) {
            out += "  " + problem.source_line + "\n";
            if (problem.where.column > 0) out += "  " + indent_to(problem.source_line, problem.where.column) + "^\n";
        }
        if (!problem.hint.empty()) out += "  hint: " + problem.hint + "\n";
    }
    return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const auto far = [&](const std::string& candidate) { return distance(word, candidate); };
    const auto best = std::ranges::min_element(candidates, {}, far);
    if (best == candidates.end() || *best == word) return "";
    const std::size_t allowed = std::max<std::size_t>(1, std::max(word.size(), best->size()) / 3);
    return far(*best) <= allowed ? *best : "";
}

}  // namespace tenon
