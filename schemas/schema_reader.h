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
    SchemaReader(Schema& schema, YamlProblems& problems, const BodyReader& bodies)
        : schema_(schema), problems_(problems), bodies_(bodies) {}

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
    const BodyReader& bodies_;
    std::map<std::string, std::vector<Table>> partitions_;  ///< of the tables that are being read

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
    std::pair<std::string, std::string> split_name(const YamlNode& key, std::string_view text);

    // Tables and columns (schema_reader_tables.cpp)
    void read_table(const YamlNode& key, const YamlNode& value);
    std::vector<Key> table_keys(Table& table);
    void add_table(Table table);
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
    void read_relations(Table& table, const YamlNode& node);
    void read_partitions(const Table& parent, const YamlNode& node);
    std::vector<KeyPart> key_parts(const YamlNode& node, std::string_view what);
    KeyPart key_part(const YamlNode& node, std::string_view what);

    // What holds SQL of its own (schema_reader_texts.cpp)
    /// A scalar, or a mapping per dialect.
    void read_sql(Sql& sql, Aside<TextPlace>& place, const YamlNode& node, std::string_view what);
    Key sql_file(Sql& sql, Aside<TextPlace>& place);
    void read_triggers(std::vector<Trigger>& triggers, const YamlNode& node);
    void read_table_texts(std::vector<TableText>& texts, const YamlNode& node, const std::string& what);
    void read_view(const YamlNode& key, const YamlNode& value);
    void read_view_columns(View& view, const YamlNode& node);
    void read_function(const YamlNode& key, const YamlNode& value);
    void read_object(const YamlNode& key, const YamlNode& value);

    // Comments, owners, privileges (schema_reader_rights.cpp)
    std::vector<Key> notes(std::string& comment, Rights& rights);
    std::vector<Key> notes(Rare<std::string>& comment, Rare<Rights>& rights);
    void read_grants(Grants& grants, const YamlNode& node);
    void read_schemas(const YamlNode& node);
    void read_schema_entry(const YamlNode& key, const YamlNode& value);
    Options options_beside(const YamlNode& node, const std::string& what, std::string& comment, Rights& rights);
    /// Each option that is not among `known` is a mistake.
    void known_options(const YamlNode& node, const std::string& what, const Options& options,
                       const std::vector<std::string>& known);
    void read_default_privileges(const YamlNode& node);

    // Everything else beside tables (schema_reader_objects.cpp)
    void read_complete(const YamlNode& node);
    void read_enum(const YamlNode& key, const YamlNode& value);
    void read_domain(const YamlNode& key, const YamlNode& value);
    void read_composite(const YamlNode& key, const YamlNode& value);
    void read_range(const YamlNode& key, const YamlNode& value);
    void read_sequence(const YamlNode& key, const YamlNode& value);
    void read_collation(const YamlNode& key, const YamlNode& value);
    void read_extension(const YamlNode& key, const YamlNode& value);
};

}  // namespace tenon
