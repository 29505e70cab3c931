// Internal: from YAML nodes to the declared model.  One reader per file; the schema it fills is shared by all files.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/schema.h"
#include "schemas/yaml_events.h"

namespace tenon {

class SchemaReader {
public:
    SchemaReader(Schema& schema, YamlProblems& problems) : schema_(schema), problems_(problems) {}

    /// An entry as read_yaml hands it over.
    void read_entry(const YamlNode& section, const YamlNode* key, const YamlNode& value);

private:
    /// What a mapping may hold: a key and what reads its value.
    struct Key {
        std::string_view name;
        std::function<void(const YamlNode&)> read;
    };

    Schema& schema_;
    YamlProblems& problems_;

    // Values (schema_reader_values.cpp)
    void read_mapping(const YamlNode& node, const std::string& what, const std::vector<Key>& keys);
    void unknown_key(const YamlNode& key, const std::string& what, const std::vector<Key>& keys);
    std::string text(const YamlNode& node, std::string_view what);
    std::string name(const YamlNode& node, std::string_view what);
    bool boolean(const YamlNode& node, std::string_view what);
    std::string choice(const YamlNode& node, std::string_view what, const std::vector<std::string>& allowed);
    std::vector<std::string> names(const YamlNode& node, std::string_view what);
    Sql sql(const YamlNode& node, std::string_view what);
    Options options(const YamlNode& node, std::string_view what);
    bool expect_mapping(const YamlNode& node, std::string_view what);
    Aside<Where> where(const YamlNode& node) const { return {problems_.where(node)}; }
    ConstraintName constraint_name(const std::string& given) const { return {.text = given, .given = {!given.empty()}}; }
    std::pair<std::string, std::string> split_name(const YamlNode& key);

    // Tables and columns (schema_reader_tables.cpp)
    void read_table(const YamlNode& key, const YamlNode& value);
    void read_columns(Table& table, const YamlNode& node);
    void read_column(Table& table, const YamlNode& key, const YamlNode& value);
    void read_type(Column& column, const YamlNode& node);
    void read_default(Column& column, const YamlNode& node);
    void read_json(Column& column, const YamlNode& node);
    void read_references(ForeignKey& key, const YamlNode& node);
    void read_deferrable(bool& deferrable, bool& deferred, const YamlNode& node);
    std::vector<Key> foreign_key_actions(ForeignKey& key);

    // Constraints, indexes, relations (schema_reader_constraints.cpp)
    void read_primary_key(Table& table, const YamlNode& node);
    void read_uniques(Table& table, const YamlNode& node);
    void read_checks(Table& table, const YamlNode& node);
    void read_foreign_keys(Table& table, const YamlNode& node);
    void read_exclusions(Table& table, const YamlNode& node);
    void read_indexes(Table& table, const YamlNode& node);
    void read_triggers(Table& table, const YamlNode& node);
    void read_relations(Table& table, const YamlNode& node);
    void read_partitions(Table& table, const YamlNode& node);
    std::vector<KeyPart> key_parts(const YamlNode& node, std::string_view what);
    KeyPart key_part(const YamlNode& node, std::string_view what);

    // Everything beside tables (schema_reader_objects.cpp)
    void read_enum(const YamlNode& key, const YamlNode& value);
    void read_view(const YamlNode& key, const YamlNode& value);
    void read_function(const YamlNode& key, const YamlNode& value);
    void read_domain(const YamlNode& key, const YamlNode& value);
    void read_composite(const YamlNode& key, const YamlNode& value);
    void read_range(const YamlNode& key, const YamlNode& value);
    void read_sequence(const YamlNode& key, const YamlNode& value);
    void read_collation(const YamlNode& key, const YamlNode& value);
    void read_extension(const YamlNode& key, const YamlNode& value);
};

}  // namespace tenon
