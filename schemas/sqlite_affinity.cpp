// SQLite's column affinities.  https://sqlite.org/datatype3.html, section 3.1
#include "schemas/sql_tokens.h"
#include "schemas/type.h"

namespace tenon {

Affinity affinity_of(std::string_view declared_type) {
    const std::string type = fold(declared_type);
    const auto has = [&](std::string_view word) { return type.find(word) != std::string::npos; };
    if (has("int")) return Affinity::integer;
    if (has("char") || has("clob") || has("text")) return Affinity::text;
    if (type.empty() || has("blob")) return Affinity::blob;
    if (has("real") || has("floa") || has("doub")) return Affinity::real;
    return Affinity::numeric;
}

}  // namespace tenon
