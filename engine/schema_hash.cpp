// Fingerprints of schemas, over their JSON form with texts in canonical spelling.
#include "engine/schema_hash.h"

#include <algorithm>
#include <vector>

#include "differ/diff.h"
#include "differ/report.h"
#include "engine/sha256.h"
#include "schemas/sql_tokens.h"

namespace tenon {

std::string schema_hash(const Schema& schema) {
    constexpr std::size_t kDigits = 16;
    Schema none;
    none.dialect = schema.dialect;
    if (schema.dialect == Dialect::postgres) none.schemas = {"public"};
    std::vector<std::string> parts;
    for (Change& change : compare(none, schema, {}).list) {
        if (std::holds_alternative<Delta<Unmanaged>>(change)) continue;
        // Where a column stands makes no difference.
        if (auto* const table = std::get_if<Delta<Table>>(&change))
            std::ranges::sort(table->to->columns, {}, [](const Column& column) { return fold(column.name); });
        parts.push_back(canonical_sql(change_json(change), Dialect::sqlite));
    }
    std::ranges::sort(parts);
    std::string all;
    for (const std::string& part : parts) all += part + "\n";
    return sha256(all).substr(0, kDigits);
}

}  // namespace tenon
