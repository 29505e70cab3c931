// What the copies of SQLite tables have in common: which values go where, and what becomes of rowids.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emitters/sqlite_rebuild.h"

namespace tenon::sqlite {

/// Collects the steps of one change.
class Steps {
public:
    explicit Steps(std::string why) : why_(std::move(why)) {}
    Step& add(std::string sql) {
        Step step;
        step.sql = std::move(sql);
        step.why = why_;
        steps_.push_back(std::move(step));
        return steps_.back();
    }
    void add(Step step) { steps_.push_back(std::move(step)); }
    std::vector<Step> take() { return std::move(steps_); }

private:
    std::string why_;
    std::vector<Step> steps_;
};

/// True where a copy gives each row the rowid that it had.
bool keeps_rowids(const Table& from, const Table& to);

/// The columns that a copy fills, as they stand in an INSERT, and the values over the old table for them.
std::pair<std::string, std::string> copied_columns(const TableChange& change);

/// The copy itself.  OR ABORT, because a conflict clause of the new table must not swallow rows.
std::string copy_rows(const std::string& target, const std::string& columns, const std::string& source,
                      const std::string& values);

/// True where every CHECK can be asked of a table of another name too.
bool checks_fit_copy(const Table& table);

/// The text of the table as it shall be.
std::string new_definition(const TableChange& change);

Hazard copy_hazard(const Table& table);

}  // namespace tenon::sqlite
