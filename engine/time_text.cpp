// Dates by the proleptic Gregorian calendar.
#include "engine/time_text.h"

#include <array>
#include <cstdio>

namespace tenon {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

/// Days since 1970-01-01 (Howard Hinnant's public-domain algorithm, in years that begin in March).
constexpr std::int64_t days_from_civil(std::int64_t year, int month, int day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}
    bool done() const { return at_ == text_.size(); }
    char peek() const { return done() ? '\0' : text_[at_]; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    /// So many digits, or -1.
    int number(int digits) {
        int value = 0;
        for (int i = 0; i < digits; ++i) {
            if (peek() < '0' || peek() > '9') return -1;
            value = value * 10 + (text_[at_++] - '0');
        }
        return value;
    }
    /// Digits after the point as microseconds.
    std::int64_t fraction() {
        std::int64_t value = 0;
        std::int64_t scale = 100'000;
        while (peek() >= '0' && peek() <= '9') {
            value += (text_[at_++] - '0') * scale;
            scale /= 10;
        }
        return value;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
    Reader in(text);
    const int year = in.number(4);
    if (year < 0 || !in.take('-')) return std::nullopt;
    const int month = in.number(2);
    if (month < 1 || month > 12 || !in.take('-')) return std::nullopt;
    const int day = in.number(2);
    if (day < 1 || day > 31) return std::nullopt;
    std::int64_t time = days_from_civil(year, month, day) * kDay;
    if (in.done()) return time;
    if (!in.take('T') && !in.take(' ') && !in.take('t')) return std::nullopt;
    const int hour = in.number(2);
    if (hour < 0 || hour > 23 || !in.take(':')) return std::nullopt;
    const int minute = in.number(2);
    if (minute < 0 || minute > 59) return std::nullopt;
    time += (std::int64_t{hour} * 60 + minute) * 60 * kSecond;
    if (in.take(':')) {
        const int second = in.number(2);
        if (second < 0 || second > 60) return std::nullopt;
        time += second * kSecond;
        if (in.take('.')) time += in.fraction();
    }
    in.take(' ');
    if (in.take('Z') || in.take('z') || in.done()) return in.done() ? std::optional(time) : std::nullopt;
    const bool east = in.take('+');
    if (!east && !in.take('-')) return std::nullopt;
    const int zone_hour = in.number(2);
    in.take(':');
    const int zone_minute = in.done() ? 0 : in.number(2);
    if (zone_hour < 0 || zone_minute < 0 || !in.done()) return std::nullopt;
    const std::int64_t offset = (std::int64_t{zone_hour} * 60 + zone_minute) * 60 * kSecond;
    return east ? time - offset : time + offset;
}

std::string iso_time(std::int64_t microseconds, bool seconds) {
    std::int64_t days = microseconds / kDay;
    std::int64_t rest = microseconds % kDay;
    if (rest < 0) {
        rest += kDay;
        --days;
    }
    // The way back of days_from_civil.
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t of_era = days - era * 146097;
    const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted = (5 * of_year + 2) / 153;
    const int day = static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1);
    const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
    const int year = static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
    const int second_of_day = static_cast<int>(rest / kSecond);
    const int fraction = static_cast<int>(rest % kSecond);
    std::array<char, 64> out{};
    int length = std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, second_of_day / 3600,
                               second_of_day / 60 % 60, second_of_day % 60);
    if (!seconds && fraction % 1000 != 0) {
        length += std::snprintf(out.data() + length, out.size() - static_cast<std::size_t>(length), ".%06d", fraction);
    } else if (!seconds && fraction != 0) {
        length += std::snprintf(out.data() + length, out.size() - static_cast<std::size_t>(length), ".%03d", fraction / 1000);
    }
    return {out.data(), static_cast<std::size_t>(length)};
}

}  // namespace tenon
