// Two holders for what few things have: one pointer while there is nothing, a value of its own on the heap otherwise.  Both
// copy and compare what they hold, so that structs made of them keep their defaulted `==`.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tenon {

/// What a holder takes for a value, and is no holder itself.
template <class U, class T, class Holder>
concept ValueFor = std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Holder>;

/// An optional value, as std::optional has it.
template <class T>
class Boxed {
public:
    Boxed() = default;
    Boxed(T value) : box_(std::make_unique<T>(std::move(value))) {}
    template <ValueFor<T, Boxed> U>  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): ValueFor leaves Boxed out
    Boxed(U&& value) : box_(std::make_unique<T>(std::forward<U>(value))) {}
    Boxed(const Boxed& other) : box_(other.box_ ? std::make_unique<T>(*other.box_) : nullptr) {}
    Boxed(Boxed&&) noexcept = default;
    Boxed& operator=(const Boxed& other) {
        if (this != &other) box_ = other.box_ ? std::make_unique<T>(*other.box_) : nullptr;
        return *this;
    }
    Boxed& operator=(Boxed&&) noexcept = default;
    ~Boxed() = default;

    bool has_value() const { return box_ != nullptr; }
    explicit operator bool() const { return has_value(); }
    const T& operator*() const { return *box_; }
    T& operator*() { return *box_; }
    const T* operator->() const { return box_.get(); }
    T* operator->() { return box_.get(); }
    T& emplace() { return *(box_ = std::make_unique<T>()); }
    void reset() { box_.reset(); }

    friend bool operator==(const Boxed& a, const Boxed& b) { return a.box_ && b.box_ ? *a == *b : !a.box_ && !b.box_; }

private:
    std::unique_ptr<T> box_{};
};

/// A value that is `T{}` nearly always.  It reads as a `const T&`; `edit()` gives it to be changed in place.
template <class T>
class Rare {
public:
    Rare() = default;
    template <ValueFor<T, Rare> U>  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): ValueFor leaves Rare out
    Rare(U&& value) {
        T given(std::forward<U>(value));
        if (!is_nothing(given)) box_.emplace() = std::move(given);
    }

    operator const T&() const { return get(); }
    operator std::string_view() const requires std::same_as<T, std::string> { return get(); }
    const T& operator*() const { return get(); }
    const T* operator->() const { return &get(); }
    const T& get() const {
        static const T kNothing{};
        return box_ ? *box_ : kNothing;
    }
    T& edit() { return box_ ? *box_ : box_.emplace(); }
    void clear() { box_.reset(); }
    bool empty() const { return !box_ || box_->empty(); }

    friend bool operator==(const Rare& a, const Rare& b) { return (!a.box_ && !b.box_) || a.get() == b.get(); }
    template <ValueFor<T, Rare> U>
    friend bool operator==(const Rare& a, const U& b) {
        return a.get() == b;
    }

private:
    Boxed<T> box_{};

    static bool is_nothing(const T& value) {
        if constexpr (requires { value.empty(); }) {
            return value.empty();  // SQL is not read for this
        } else {
            return value == T{};
        }
    }
};

}  // namespace tenon
