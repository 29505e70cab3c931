// Named settings in the order in which they were given: storage parameters, options of sequences and types, privileges.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {

/// A small map that keeps the order of insertion, because PostgreSQL does.  Two are equal when they hold the same settings in
/// whatever order.
template <class T>
class Ordered {
public:
    using value_type = std::pair<std::string, T>;

    Ordered() = default;
    Ordered(std::initializer_list<value_type> items) : items_(items) {}

    auto begin() const { return items_.begin(); }
    auto end() const { return items_.end(); }
    bool empty() const { return items_.empty(); }
    std::size_t size() const { return items_.size(); }

    auto find(std::string_view key) const { return std::ranges::find(items_, key, &value_type::first); }
    bool contains(std::string_view key) const { return find(key) != end(); }
    /// @throws std::out_of_range where there is no such setting.
    const T& at(std::string_view key) const {
        const auto found = find(key);
        if (found == end()) throw std::out_of_range(std::string(key));
        return found->second;
    }
    /// The setting's value, added at the end where there is none.
    T& operator[](std::string_view key) {
        const auto found = std::ranges::find(items_, key, &value_type::first);
        return found != items_.end() ? found->second : items_.emplace_back(key, T{}).second;
    }
    void erase(std::string_view key) {
        std::erase_if(items_, [&](const value_type& item) { return item.first == key; });
    }
    /// Takes the setting out.
    std::optional<T> take(std::string_view key) {
        const auto found = std::ranges::find(items_, key, &value_type::first);
        if (found == items_.end()) return std::nullopt;
        std::optional<T> value = std::move(found->second);
        items_.erase(found);
        return value;
    }
    /// Adds the settings of `other` that are not here yet.
    void merge(const Ordered& other) {
        for (const value_type& item : other) {
            if (!contains(item.first)) items_.push_back(item);
        }
    }

    friend bool operator==(const Ordered& a, const Ordered& b) {
        return a.size() == b.size() && std::ranges::is_permutation(a.items_, b.items_);
    }

private:
    std::vector<value_type> items_;
};

using Options = Ordered<std::string>;

}  // namespace tenon
