// A guard that reads values as something else may meet one of which that makes nothing.
#include "engine/guarded.h"

namespace tenon {

Value ask_guard(Connection& connection, const std::string& sql, const std::string& message, const std::string& hint) {
    try {
        return connection.scalar(sql);
    } catch (const Error& error) {
        constexpr std::string_view kDataException = "22";
        constexpr std::string_view kConstraintViolation = "23";  // a domain's
        const bool unreadable = connection.dialect() == Dialect::sqlite ? error.state() == "SQLITE_ERROR"
                                                                        : error.state().starts_with(kDataException) ||
                                                                              error.state().starts_with(kConstraintViolation);
        if (!unreadable) throw;
        const std::string& what = error.problems().front().message;
        throw Error(ErrorCode::refused, message + " (" + what.substr(0, what.find("\n  in: ")) + ")", hint);
    }
}

}  // namespace tenon
