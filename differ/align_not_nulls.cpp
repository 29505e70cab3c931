// The names of NOT NULL, which are constraints of their own from PostgreSQL 18 on.
#include <algorithm>

#include "differ/align_postgres.h"
#include "schemas/table_lookup.h"

namespace tenon::postgres {
namespace {

class NameSettler {
public:
    NameSettler(const Schema& from, Schema& to) : from_(from), to_(to) {}

    void run() {
        const TableLookup live(from_);
        for (Table& table : to_.tables) {
            const Table* theirs = live.find(table.full_name());
            if (theirs == nullptr) continue;
            for (Column& column : table.columns) settle(*theirs, column);
        }
    }

private:
    const Schema& from_;
    Schema& to_;

    void settle(const Table& live, Column& column) const {
        const Column* theirs = find_column(live, column.name, Dialect::postgres);
        if (theirs == nullptr || theirs->nullable || column.nullable || theirs->not_null_name == column.not_null_name) return;
        const bool unnamed = theirs->not_null_name.empty();  // by an older server, which keeps no such names
        if (unnamed || column.not_null_name.empty() || !can_be_renamed(live, *theirs))
            column.not_null_name = theirs->not_null_name;
    }

    /// The server renames it together with those below, which must be called the same, and not without those above.
    bool can_be_renamed(const Table& table, const Column& column) const {
        const bool above = std::ranges::any_of(
            from_.tables, [&](const Table& other) { return is_child(table, other) && not_null_in(other, column) != nullptr; });
        return !above && below_called_the_same(table, column);
    }

    bool below_called_the_same(const Table& table, const Column& column) const {
        return std::ranges::all_of(from_.tables, [&](const Table& other) {
            if (!is_child(other, table)) return true;
            const Column* theirs = not_null_in(other, column);
            return theirs != nullptr && theirs->not_null_name == column.not_null_name && below_called_the_same(other, column);
        });
    }

    static bool is_child(const Table& table, const Table& parent) {
        const std::string name = parent.full_name();
        return table.partition_of == name || std::ranges::find(table.inherits, name) != table.inherits.end();
    }

    static const Column* not_null_in(const Table& table, const Column& column) {
        const Column* found = find_column(table, column.name, Dialect::postgres);
        return found == nullptr || found->nullable ? nullptr : found;
    }
};

}  // namespace

void settle_not_null_names(const Schema& from, Schema& to) { NameSettler(from, to).run(); }

}  // namespace tenon::postgres
