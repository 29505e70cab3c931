// Reading and writing migration files.
#include "engine/migration_file.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "engine/sha256.h"
#include "schemas/error.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

constexpr std::string_view kHeaderMark = "tenon:";
constexpr std::string_view kHeaderVersion = "v1";
constexpr std::string_view kMarkerMark = "migrate:";
constexpr std::string_view kIrreversibleMark = "irreversible:";
constexpr std::string_view kSpaces = " \t\r\n\f\v";
constexpr std::size_t kLongestSlug = 60;
constexpr std::size_t kVersionDigits = 14;  // YYYYMMDDHHMMSS

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The version a second later, as a time that exists; "0" where it is no time.
std::string second_later(std::string_view version) {
    if (version.size() != kVersionDigits || !std::ranges::all_of(version, is_digit)) return "0";
    const auto part = [&](std::size_t at, std::size_t length) {
        int number = 0;
        for (const char digit : version.substr(at, length)) number = number * 10 + (digit - '0');
        return number;
    };
    const std::chrono::year_month_day day{std::chrono::year(part(0, 4)), std::chrono::month(static_cast<unsigned>(part(4, 2))),
                                          std::chrono::day(static_cast<unsigned>(part(6, 2)))};
    if (!day.month().ok() || !day.day().ok()) return "0";
    const auto time = std::chrono::sys_days(day) + std::chrono::hours(part(8, 2)) + std::chrono::minutes(part(10, 2)) +
                      std::chrono::seconds(part(12, 2) + 1);
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(time - midnight);
    const auto padded = [](auto number, std::size_t length) {
        const std::string digits = std::to_string(number);
        return std::string(length - std::min(length, digits.size()), '0') + digits;
    };
    return padded(static_cast<int>(date.year()), 4) + padded(static_cast<unsigned>(date.month()), 2) +
           padded(static_cast<unsigned>(date.day()), 2) + padded(clock.hours().count(), 2) +
           padded(clock.minutes().count(), 2) + padded(clock.seconds().count(), 2);
}

std::string trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1));
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = text.find_first_not_of(kSpaces); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(kSpaces, at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(kSpaces, end);
    }
    return words;
}

/// A checkout may have turned every line end of a file into CR LF, those inside quoted texts too: guards would then compare
/// with a text that no database holds.  A file where some lines end in LF alone means its CRs.
std::string with_line_feeds(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
    bool converted = text.find('\n') != std::string_view::npos;
    for (std::size_t at = text.find('\n'); converted && at != std::string_view::npos; at = text.find('\n', at + 1)) {
        converted = at > 0 && text[at - 1] == '\r';
    }
    std::string result(text);
    if (converted) std::erase(result, '\r');
    return result;
}

/// What stands after `mark` in a `-- mark…` comment; nothing for any other token.
std::optional<std::string> marked(std::string_view text, const Token& token, std::string_view mark) {
    if (token.kind != TokenKind::comment || text.substr(token.begin, 2) != "--") return std::nullopt;
    const std::string said = trimmed(text.substr(token.begin + 2, token.end - token.begin - 2));
    if (said.compare(0, mark.size(), mark) != 0) return std::nullopt;
    return said.substr(mark.size());
}

bool begins_line(std::string_view text, const Token& token) {
    const std::size_t before = text.substr(0, token.begin).find_last_not_of(" \t");
    return before == std::string_view::npos || text[before] == '\n';
}

bool is_blank(const Token& token) { return token.kind == TokenKind::space || token.kind == TokenKind::comment; }

class Reader {
public:
    Reader(std::string_view path, std::string_view text, Dialect fallback) : dialect_(fallback), text_(with_line_feeds(text)) {
        migration_.path = path;
        read_name();
        if (text_.find('\0') != std::string::npos) fail("a NUL byte", 0);
        // The header comes first and names the dialect, by whose rules the rest is read.
        tokens_ = lex(text_, dialect_);
        read_header();
        if (migration_.dialect) dialect_ = *migration_.dialect;
        tokens_ = lex(text_, dialect_);
    }

    Migration read() {
        read_parts();
        if (!problems_.empty()) throw Error(ErrorCode::error, std::move(problems_));
        return std::move(migration_);
    }

private:
    struct Marker {
        Direction direction = Direction::up;
        std::size_t token = 0;
        std::string options{};
    };

    void fail(std::string message, std::size_t offset, std::string hint = {}) {
        problems_.push_back(
            {.message = std::move(message), .where = {migration_.path, line_of(offset), 0}, .hint = std::move(hint)});
    }

    int line_of(std::size_t offset) const {
        return 1 + static_cast<int>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    }

    void read_name() {
        const std::string file = migration_.path.substr(migration_.path.find_last_of("/\\") + 1);
        const auto after_digits = static_cast<std::size_t>(std::ranges::find_if_not(file, is_digit) - file.begin());
        const std::size_t extension = file.rfind(".sql");
        if (after_digits == 0 || extension == std::string::npos || extension + 4 != file.size()) {
            problems_.push_back({.message = "a migration is named <version>_<name>.sql, with digits as its version",
                                 .where = {migration_.path, 0, 0}});
            return;
        }
        migration_.version = file.substr(0, after_digits);
        migration_.name = file.substr(after_digits, extension - after_digits);
        if (migration_.name.starts_with("_")) migration_.name.erase(0, 1);
    }

    void read_header() {
        for (const Token& token : tokens_) {
            if (!is_blank(token)) return;
            if (marked(text_, token, kMarkerMark)) return;
            if (const auto fields = marked(text_, token, kHeaderMark)) return read_fields(*fields, token.begin);
        }
    }

    void read_fields(const std::string& fields, std::size_t offset) {
        std::vector<std::string> words = words_of(fields);
        if (words.empty() || words.front() != kHeaderVersion) {
            return fail("the header is not of the form `-- tenon: " + std::string(kHeaderVersion) + " …`", offset,
                        "a file of a newer Tenon needs a newer Tenon");
        }
        words.erase(words.begin());
        for (const std::string& word : words) {
            const std::size_t equals = std::min(word.find('='), word.size());
            const std::string key = word.substr(0, equals);
            const std::string value = word.substr(std::min(equals + 1, word.size()));
            if (key == "baseline" && equals == word.size()) {
                migration_.baseline = true;
            } else if (key == "dialect") {
                read_dialect(value, offset);
            } else if (std::string* field = text_field(key)) {
                *field = value;
            } else {
                const std::string guess = did_you_mean(key, {"dialect", "parent", "from", "to", "risk", "baseline"});
                fail("unknown field \"" + word + "\" in the header", offset,
                     guess.empty() ? "" : "did you mean \"" + guess + "\"?");
            }
        }
    }

    std::string* text_field(std::string_view key) {
        if (key == "parent") return &migration_.parent;
        if (key == "from") return &migration_.from;
        if (key == "to") return &migration_.to;
        if (key == "risk") return &migration_.risk;
        return nullptr;
    }

    void read_dialect(std::string_view value, std::size_t offset) {
        for (const Dialect dialect : {Dialect::sqlite, Dialect::postgres}) {
            if (value == dialect_name(dialect)) migration_.dialect = dialect;
        }
        if (!migration_.dialect) fail("unknown dialect \"" + std::string(value) + "\" in the header", offset);
    }

    std::vector<Marker> find_markers() {
        std::vector<Marker> markers;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const auto said = marked(text_, tokens_[i], kMarkerMark);
            if (!said || !begins_line(text_, tokens_[i])) continue;
            const std::size_t end = std::min(said->find_first_of(kSpaces), said->size());
            const std::string which = said->substr(0, end);
            if (which == "up" || which == "down") {
                markers.push_back({which == "up" ? Direction::up : Direction::down, i, said->substr(end)});
            } else {
                fail("unknown marker \"migrate:" + which + "\"", tokens_[i].begin, "it is migrate:up or migrate:down");
            }
        }
        return markers;
    }

    void read_parts() {
        const std::vector<Marker> markers = find_markers();
        if (markers.size() != 2 || markers[0].direction != Direction::up || markers[1].direction != Direction::down) {
            const bool hidden = text_.find("-- migrate:down") != std::string::npos && markers.size() < 2;
            return fail("a migration has one `-- migrate:up` and after it one `-- migrate:down`",
                        markers.size() > 2 ? tokens_[markers[2].token].begin : 0,
                        hidden ? "one stands inside a quoted text or a comment: is a quote left open?" : "");
        }
        const auto first = std::ranges::find_if_not(tokens_, is_blank);
        if (first != tokens_.end() && first->begin < tokens_[markers[0].token].begin) {
            fail("only comments may stand before `-- migrate:up`", first->begin);
        }
        migration_.up = read_part(markers[0], markers[1].token);
        migration_.down = read_part(markers[1], tokens_.size());
    }

    MigrationPart read_part(const Marker& marker, std::size_t end) {
        MigrationPart part;
        for (const std::string& option : words_of(marker.options)) {
            if (option == "transaction:false") {
                part.transaction = false;
            } else if (option != "transaction:true") {
                fail("unknown option \"" + option + "\" of " + std::string(direction_name(marker.direction)),
                     tokens_[marker.token].begin, "the one there is: transaction:false");
            }
        }
        std::size_t first = marker.token + 1;
        while (first < end && is_blank(tokens_[first])) {
            const auto note = marked(text_, tokens_[first], kIrreversibleMark);
            if (note) part.irreversible.push_back(trimmed(*note));
            if (!note && tokens_[first].kind == TokenKind::comment) break;
            ++first;
        }
        if (first >= end) {
            part.line = line_of(tokens_[marker.token].begin);
            return part;
        }
        const std::size_t begin = tokens_[first].begin;
        const std::size_t after = end < tokens_.size() ? tokens_[end].begin : text_.size();
        part.body = trimmed(std::string_view(text_).substr(begin, after - begin));
        part.line = line_of(begin);
        return part;
    }

    Dialect dialect_;
    std::string text_;
    std::vector<Token> tokens_{};
    Migration migration_{};
    std::vector<Problem> problems_{};
};

void render_part(std::string& text, const MigrationPart& part, Direction direction) {
    text += "-- migrate:" + std::string(direction_name(direction)) + (part.transaction ? "\n" : " transaction:false\n");
    for (const std::string& note : part.irreversible) text += "-- " + std::string(kIrreversibleMark) + " " + note + "\n";
    if (!part.body.empty()) text += trimmed(part.body) + "\n";
}

/// A name as it can stand on one line of a comment.
std::string one_line(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return trimmed(text);
}

std::string without_leading_zeros(std::string_view version) {
    return std::string(version.substr(std::min(version.find_first_not_of('0'), version.size())));
}

}  // namespace

std::string_view direction_name(Direction direction) { return direction == Direction::up ? "up" : "down"; }

const MigrationPart& part_of(const Migration& migration, Direction direction) {
    return direction == Direction::up ? migration.up : migration.down;
}

std::string label_of(const Migration& migration) {
    return migration.name.empty() ? migration.version : migration.version + "_" + migration.name;
}

Migration parse_migration(std::string_view path, std::string_view text, Dialect fallback) {
    return Reader(path, text, fallback).read();
}

std::string render_migration(const Migration& migration) {
    std::string text;
    if (migration.dialect) {
        text += "-- " + std::string(kHeaderMark) + " " + std::string(kHeaderVersion);
        text += " dialect=" + std::string(dialect_name(*migration.dialect));
        if (!migration.parent.empty()) text += " parent=" + migration.parent;
        if (!migration.from.empty()) text += " from=" + migration.from;
        if (!migration.to.empty()) text += " to=" + migration.to;
        if (!migration.risk.empty()) text += " risk=" + migration.risk;
        if (migration.baseline) text += " baseline";
        text += "\n";
    }
    Migration written = migration;
    for (MigrationPart* part : {&written.up, &written.down}) {
        std::ranges::transform(part->irreversible, part->irreversible.begin(), one_line);
    }
    render_part(text, written.up, Direction::up);
    render_part(text, written.down, Direction::down);

    const Migration read = parse_migration(migration_file_name(migration), text, migration.dialect.value_or(Dialect::sqlite));
    if (checksum(read) != checksum(migration)) {
        throw Error(ErrorCode::error,
                    label_of(migration) + " would not read back: a comment in it looks like a marker of the file");
    }
    return text;
}

std::string migration_file_name(const Migration& migration) { return label_of(migration) + ".sql"; }

std::string checksum(const Migration& migration) {
    const Dialect dialect = migration.dialect.value_or(Dialect::sqlite);
    std::string text = migration.dialect ? std::string(dialect_name(dialect)) : std::string();
    for (const std::string& field : {migration.parent, migration.from, migration.to, migration.risk}) text += "\n" + field;
    text += migration.baseline ? "\nbaseline" : "\n";
    for (const MigrationPart* part : {&migration.up, &migration.down}) {
        text += part->transaction ? "\n" : "\ntransaction:false";
        // Statement by statement: otherwise a lost `;` at the end of the file would count.
        for (const Statement& statement : split_statements(part->body, dialect)) {
            text += "\n" + canonical_sql(statement.text, dialect) + ";";
        }
    }
    return sha256(text);
}

std::string make_slug(std::string_view name) {
    std::string slug;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80 && std::isalnum(byte) != 0) {
            slug += static_cast<char>(std::tolower(byte));
        } else if (!slug.empty() && slug.back() != '_') {
            slug += '_';
        }
        if (slug.size() == kLongestSlug) break;
    }
    while (slug.ends_with('_')) slug.pop_back();
    return slug.empty() ? "migration" : slug;
}

bool version_less(std::string_view a, std::string_view b) {
    const std::string left = without_leading_zeros(a);
    const std::string right = without_leading_zeros(b);
    return left.size() != right.size() ? left.size() < right.size() : left < right;
}

std::string next_version(std::string_view now, std::string_view last) {
    std::string version;
    std::ranges::copy_if(now.substr(0, now.find('.')), std::back_inserter(version), is_digit);
    version.resize(kVersionDigits, '0');
    if (version_less(last, version)) return version;
    if (const std::string later = second_later(last); version_less(last, later)) return later;

    std::string next(last);
    auto digit = next.rbegin();
    for (; digit != next.rend() && *digit == '9'; ++digit) *digit = '0';
    if (digit == next.rend()) return "1" + next;
    ++*digit;
    return next;
}

}  // namespace tenon
