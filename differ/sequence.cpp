// Edit scripts by dtl, over interned numbers: dtl copies its inputs, and comparing strings would be slow.
#include "differ/sequence.h"

#include <algorithm>
#include <dtl/dtl.hpp>
#include <unordered_map>

namespace tenon {
namespace {

using Numbers = std::vector<int>;

class Interner {
public:
    int number(const std::string& text) { return numbers_.try_emplace(text, static_cast<int>(numbers_.size())).first->second; }

private:
    std::unordered_map<std::string, int> numbers_;
};

}  // namespace

std::vector<Edit> edit_script(const std::vector<std::string>& from, const std::vector<std::string>& to) {
    const auto [head_from, head_to] = std::ranges::mismatch(from, to);
    const auto head = static_cast<std::size_t>(head_from - from.begin());
    std::size_t tail = 0;
    while (tail < std::min(from.size(), to.size()) - head && from[from.size() - 1 - tail] == to[to.size() - 1 - tail]) ++tail;

    Interner interner;
    Numbers a;
    Numbers b;
    for (std::size_t i = head; i < from.size() - tail; ++i) a.push_back(interner.number(from[i]));
    for (std::size_t i = head; i < to.size() - tail; ++i) b.push_back(interner.number(to[i]));
    dtl::Diff<int> diff(a, b);
    diff.compose();

    std::vector<Edit> edits;
    for (std::size_t i = 0; i < head; ++i) edits.push_back({Edit::Kind::keep, i, i});
    std::size_t at_from = head;
    std::size_t at_to = head;
    for (const auto& [element, info] : diff.getSes().getSequence()) {
        switch (info.type) {
            case dtl::SES_DELETE: edits.push_back({Edit::Kind::remove, at_from++, at_to}); break;
            case dtl::SES_ADD: edits.push_back({Edit::Kind::add, at_from, at_to++}); break;
            default: edits.push_back({Edit::Kind::keep, at_from++, at_to++});
        }
    }
    for (std::size_t i = 0; i < tail; ++i) edits.push_back({Edit::Kind::keep, at_from++, at_to++});
    return edits;
}

double similarity(const std::vector<std::string>& from, const std::vector<std::string>& to) {
    if (from.empty() && to.empty()) return 1;
    const auto script = edit_script(from, to);
    const auto kept = std::ranges::count(script, Edit::Kind::keep, &Edit::kind);
    return 2.0 * static_cast<double>(kept) / static_cast<double>(from.size() + to.size());
}

}  // namespace tenon
