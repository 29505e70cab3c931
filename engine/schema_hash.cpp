// Fingerprints of schemas, over their JSON form with texts in canonical spelling.
#include "engine/schema_hash.h"

#include <algorithm>
#include <vector>

#include "differ/change.h"
#include "differ/report.h"
#include "engine/sha256.h"
#include "schemas/sql_tokens.h"

namespace tenon {

std::string schema_hash(const Schema& schema) {
    constexpr std::size_t kDigits = 16;
    std::vector<std::string> parts;
    for (const Table& table : schema.tables) {
        Table plain = table;
        // Where a column stands makes no difference.
        std::ranges::sort(plain.columns, {}, [](const Column& column) { return fold(column.name); });
        parts.push_back(canonical_sql(change_json(Delta<Table>{"", std::nullopt, plain}), Dialect::sqlite));
    }
    for (const View& view : schema.views) parts.push_back(view.definition.key());
    std::ranges::sort(parts);
    std::string all;
    for (const std::string& part : parts) all += part + "\n";
    return sha256(all).substr(0, kDigits);
}

}  // namespace tenon
