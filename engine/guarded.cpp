// A guard that compares values with what a new type makes of them may meet one of which it makes nothing.
#include "engine/guarded.h"

namespace tenon {

Value ask_guard(Connection& connection, const std::string& sql, const std::string& message, const std::string& hint) {
    try {
        return connection.scalar(sql);
    } catch (const Error& error) {
        constexpr std::string_view kDataException = "22";
        constexpr std::string_view kConstraintViolation = "23";  // a domain's
        if (!error.state().starts_with(kDataException) && !error.state().starts_with(kConstraintViolation)) throw;
        throw Error(ErrorCode::refused, message + " (" + error.problems().front().message + ")", hint);
    }
}

}  // namespace tenon
