// Unified diffs of two texts, over dtl's edit script.
#include <algorithm>

#include "differ/report.h"
#include "differ/sequence.h"

namespace tenon {
namespace {

constexpr std::size_t kContext = 3;

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1);
        lines.emplace_back(text.substr(0, end + 1));
        text.remove_prefix(end + 1);
    }
    return lines;
}

/// `12,3` of a hunk's head: an empty range is told by the line before it.
std::string range(std::size_t start, std::size_t count) {
    return std::to_string(count == 0 ? start : start + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

std::string line_text(char sign, const std::string& line, bool colour) {
    std::string out = sign + line;
    const bool ends = out.ends_with('\n');
    if (ends) out.pop_back();
    if (colour && sign != ' ') out = (sign == '+' ? "\033[32m" : "\033[31m") + out + "\033[0m";
    return out + (ends ? "\n" : "\n\\ No newline at end of file\n");
}

/// Between two kept lines what goes stands before what comes.
void removals_first(std::vector<Edit>& edits) {
    const auto kept = [](const Edit& edit) { return edit.kind == Edit::Kind::keep; };
    for (auto run = std::ranges::find_if_not(edits, kept); run != edits.end(); run = std::find_if_not(run, edits.end(), kept)) {
        const auto end = std::find_if(run, edits.end(), kept);
        const std::size_t start = run->to;
        const auto adds = std::stable_partition(run, end, [](const Edit& edit) { return edit.kind == Edit::Kind::remove; });
        std::for_each(run, adds, [&](Edit& edit) { edit.to = start; });
        run = end;
    }
}

}  // namespace

std::string unified_diff(std::string_view from, std::string_view to, std::string_view from_label, std::string_view to_label,
                         bool colour) {
    if (from == to) return "";
    return "--- " + std::string(from_label) + "\n+++ " + std::string(to_label) + "\n" + unified_hunks(from, to, colour);
}

std::string unified_hunks(std::string_view from, std::string_view to, bool colour) {
    const std::vector<std::string> a = lines_of(from);
    const std::vector<std::string> b = lines_of(to);
    std::vector<Edit> edits = edit_script(a, b);
    removals_first(edits);
    std::string out;
    std::size_t i = 0;
    while (i < edits.size()) {
        if (edits[i].kind == Edit::Kind::keep) {
            ++i;
            continue;
        }
        // A hunk goes on while the next change is not further away than both contexts.
        const std::size_t first = i < kContext ? 0 : i - kContext;
        std::size_t last = i;
        for (std::size_t j = i; j < edits.size() && j <= last + 2 * kContext; ++j) {
            if (edits[j].kind != Edit::Kind::keep) last = j;
        }
        const std::size_t end = std::min(last + kContext + 1, edits.size());
        std::size_t removed = 0;
        std::size_t added = 0;
        std::string body;
        for (std::size_t j = first; j < end; ++j) {
            const Edit& edit = edits[j];
            const bool in_from = edit.kind != Edit::Kind::add;
            removed += in_from ? 1 : 0;
            added += edit.kind != Edit::Kind::remove ? 1 : 0;
            const char sign = edit.kind == Edit::Kind::keep ? ' ' : in_from ? '-' : '+';
            body += line_text(sign, in_from ? a[edit.from] : b[edit.to], colour);
        }
        const std::string head = "@@ -" + range(edits[first].from, removed) + " +" + range(edits[first].to, added) + " @@";
        out += (colour ? "\033[36m" + head + "\033[0m" : head) + "\n" + body;
        i = end;
    }
    return out;
}

}  // namespace tenon
