// The words for locks and work, and which type changes keep the values as they are stored.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "emitters/postgres_locks.h"

namespace tenon::postgres {
namespace {

constexpr std::array<std::pair<LockMode, std::string_view>, 9> kNames{
    {{LockMode::none, ""},
     {LockMode::access_share, "ACCESS SHARE"},
     {LockMode::row_share, "ROW SHARE"},
     {LockMode::row_exclusive, "ROW EXCLUSIVE"},
     {LockMode::share_update_exclusive, "SHARE UPDATE EXCLUSIVE"},
     {LockMode::share, "SHARE"},
     {LockMode::share_row_exclusive, "SHARE ROW EXCLUSIVE"},
     {LockMode::exclusive, "EXCLUSIVE"},
     {LockMode::access_exclusive, "ACCESS EXCLUSIVE"}}};

/// A type as `character varying(40)` taken apart.
struct TypeName {
    std::string base{};
    std::vector<int> arguments{};
};

TypeName type_name(std::string_view type) {
    const auto open = type.find('(');
    if (open == std::string_view::npos) return {std::string(type), {}};
    TypeName out{std::string(type.substr(0, open)), {}};
    const auto close = type.find(')', open);
    if (close != std::string_view::npos) out.base += type.substr(close + 1);  // timestamp(3) without time zone
    std::string_view rest = type.substr(open + 1, close - open - 1);
    while (!rest.empty()) {
        int value = 0;
        std::from_chars(rest.data(), rest.data() + rest.size(), value);
        out.arguments.push_back(value);
        const auto comma = rest.find(',');
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    return out;
}

}  // namespace

std::string_view lock_name(LockMode mode) {
    return std::ranges::find(kNames, mode, &std::pair<LockMode, std::string_view>::first)->second;
}

std::string_view work_name(Work work) {
    switch (work) {
        case Work::none: return "none";
        case Work::scan: return "scan";
        case Work::index: return "index";
        case Work::rewrite: return "rewrite";
    }
    return "";
}

bool keeps_storage(std::string_view from, std::string_view to) {
    if (from == to) return true;
    const TypeName old = type_name(from);
    const TypeName now = type_name(to);
    const auto longer = [&](int unlimited) {
        const int had = old.arguments.empty() ? unlimited : old.arguments[0];
        const int has = now.arguments.empty() ? unlimited : now.arguments[0];
        return has >= had;
    };
    constexpr int kUnlimited = 1 << 30;
    if (old.base == "character varying" && (now.base == "text" || (now.base == old.base && longer(kUnlimited)))) return true;
    if (old.base == "text" && now.base == "character varying" && now.arguments.empty()) return true;
    if (old.base == "bit varying" && now.base == old.base) return longer(kUnlimited);
    if (old.base == "numeric" && now.base == "numeric") {
        if (now.arguments.empty()) return true;
        const auto scale = [](const TypeName& type) { return type.arguments.size() > 1 ? type.arguments[1] : 0; };
        return !old.arguments.empty() && scale(old) == scale(now) && now.arguments[0] >= old.arguments[0];
    }
    constexpr int kMicroseconds = 6;
    const bool time = now.base.starts_with("time") || now.base == "interval";
    if (time && old.base == now.base) return longer(kMicroseconds);
    if (old.base == "cidr" && now.base == "inet") return true;
    return false;
}

}  // namespace tenon::postgres
