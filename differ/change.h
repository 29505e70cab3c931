// The differences between two resolved schemas.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schemas/schema.h"

namespace tenon {

/// A thing that differs: added (no `from`), dropped (no `to`), or changed.
template <class T>
struct Delta {
    std::string table{};  ///< the table it belongs to (name in `to`, or in `from` where dropped); empty if none
    std::optional<T> from{};
    std::optional<T> to{};
    bool operator==(const Delta&) const = default;
};

/// Table-level facts beside columns and constraints.
struct TableOptions {
    std::string comment{};
    bool strict = false;
    bool without_rowid = false;
    std::vector<std::string> column_order{};  ///< only where order counts
    // PostgreSQL
    bool unlogged = false;
    Options storage{};
    Sql partition_by{};
    std::vector<std::string> inherits{};
    std::string row_security{};
    std::string replica_identity{};
    std::string partition_of{};
    Sql partition_bound{};
    std::string of_type{};
    std::string access_method{};
    std::string tablespace{};
    std::string cluster_on{};
    bool operator==(const TableOptions&) const = default;
};

/// Every kind of difference.  Handle with match(): a forgotten alternative does not compile.
using Change = std::variant<Delta<Table>,  // created or dropped, or renamed (both set, names differ, rest not looked at)
                            Delta<Column>, Delta<PrimaryKey>, Delta<UniqueConstraint>, Delta<Check>, Delta<ForeignKey>,
                            Delta<Exclusion>, Delta<Index>, Delta<Trigger>, Delta<TableOptions>, Delta<View>, Delta<EnumType>,
                            Delta<Domain>, Delta<CompositeType>, Delta<RangeType>, Delta<Sequence>, Delta<Collation>,
                            Delta<Extension>, Delta<Function>, Delta<std::string>,  // schema
                            Delta<Object>, Delta<Unmanaged>>;

/// The change that undoes `change`.
Change reverse(const Change& change);

/// "add column", "change check", "drop table", "rename column", …: the `kind` of reports and JSON.
std::string change_kind(const Change& change);
/// "post.title", "post", "public.recent", …: the `object` of reports and JSON.
std::string change_object(const Change& change);
/// What tells the object of one change from that of any other.
std::string change_id(const Change& change);

/// A decision only a person can take.
struct Question {
    std::string kind{};  ///< "rename table", "rename column", "drop table", "drop column", "unmanaged"
    std::string from{};  ///< "post.headline"
    std::string to{};    ///< "post.title"; empty for a drop
    std::string flag{};  ///< what answers it: "--rename post.headline=title", "--allow-destructive=post.headline"
    bool operator==(const Question&) const = default;
};

/// The result of a diff.  `from` and `to` are whole, so that an emitter can see what a change stands in.
struct Changes {
    Schema from{};                       ///< after renames were applied, where the caller applied them
    Schema to{};                         ///< aligned: see differ/align.h
    std::vector<Change> list{};          ///< tables in `to`'s order, drops last; deterministic
    std::vector<Question> questions{};   ///< likely renames nobody confirmed
    std::vector<Unmanaged> unmanaged{};  ///< live objects that are left alone, to be named
    bool empty() const { return list.empty(); }
};

}  // namespace tenon
