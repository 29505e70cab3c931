// Edit scripts over sequences: the one place that uses dtl.
#pragma once

#include <string>
#include <vector>

namespace tenon {

struct Edit {
    enum class Kind { keep, remove, add };
    Kind kind = Kind::keep;
    std::size_t from = 0;  ///< index in the first sequence (keep, remove)
    std::size_t to = 0;    ///< index in the second sequence (keep, add)
    bool operator==(const Edit&) const = default;
};

/// The shortest way from one sequence to the other (not always the shortest on very long, very different inputs).
std::vector<Edit> edit_script(const std::vector<std::string>& from, const std::vector<std::string>& to);

/// 1 for equal sequences, 0 for ones that share nothing.
double similarity(const std::vector<std::string>& from, const std::vector<std::string>& to);

}  // namespace tenon
