// Migration files: one text with a way up and a way down, in the format of dbmate, with a header of Tenon's own.
//
//     -- tenon: v1 dialect=sqlite parent=20260101120000 from=<hash> to=<hash> risk=none
//     -- migrate:up
//     ALTER TABLE post ADD COLUMN subtitle text;
//     -- migrate:down transaction:false
//     -- irreversible: values of post.title
//     …
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/dialect.h"

namespace tenon {

/// Which way a migration is run.
enum class Direction { up, down };
/// "up" or "down".
std::string_view direction_name(Direction direction);

/// One direction of a migration.
struct MigrationPart {
    bool transaction = true;                  ///< false: `transaction:false`, the body begins and commits by itself
    std::vector<std::string> irreversible{};  ///< "values of post.title": what the way down cannot bring back
    std::string body{};                       ///< SQL
    int line = 1;                             ///< line of the file where the body begins
    bool operator==(const MigrationPart&) const = default;
};

/// A versioned file.
struct Migration {
    std::string version{};             ///< the digits that the file's name begins with
    std::string name{};                ///< the slug after them
    std::string path{};                ///< for messages
    std::optional<Dialect> dialect{};  ///< not set: written by hand, without a header
    std::string parent{};              ///< the version it follows; "none" for the first; empty: not said
    std::string from{};                ///< hash of the schema it starts at; may be empty
    std::string to{};                  ///< hash of the schema it ends in; may be empty
    std::string risk{};                ///< "none", "lock", "data-loss"; may be empty
    bool baseline = false;             ///< holds what a database had when Tenon came; it has no way down
    MigrationPart up{};
    MigrationPart down{};
    bool operator==(const Migration&) const = default;
};

/// The part of one direction.
const MigrationPart& part_of(const Migration& migration, Direction direction);

/// "20260101120000_add_subtitle", as messages name a migration.
std::string label_of(const Migration& migration);

/// Reads a file.  `fallback` is the dialect where the header names none.
/// @throws Error with every mistake of the file.
Migration parse_migration(std::string_view path, std::string_view text, Dialect fallback);

/// The text of a file.  @throws Error where a body holds a line that would be read as a marker.
std::string render_migration(const Migration& migration);

/// "20260101120000_add_subtitle.sql".
std::string migration_file_name(const Migration& migration);

/// The checksum that the history keeps: of the header's fields, and for each direction its options and its tokens.  Comments
/// and line ends do not count, literals do.
std::string checksum(const Migration& migration);

/// A file name part made of what a person typed: "Add post.subtitle!" becomes "add_post_subtitle".
std::string make_slug(std::string_view name);

/// True where version `a` comes before `b`: they are compared as numbers.
bool version_less(std::string_view a, std::string_view b);

/// The version of a file made at `now` (UTC, "2026-01-01T12:00:00Z") after `last` (may be empty): the second, or the one
/// after `last` where that is not later.
std::string next_version(std::string_view now, std::string_view last);

}  // namespace tenon
