// Internal: the canonical YAML before blank lines are put in, and the parts it is made of.
#pragma once

#include <string>

#include "schemas/schema.h"
#include "schemas/yaml_tree.h"

namespace tenon {

std::string plain_yaml(const Schema& declared);

// Values (schema_writer_values.cpp)
YamlValue sql_value(const Sql& sql);
YamlValue names_value(const std::vector<std::string>& names);
YamlValue options_value(const Options& options);
YamlValue part_value(const KeyPart& part);
YamlValue parts_value(const std::vector<KeyPart>& parts);
bool plain_parts(const std::vector<KeyPart>& parts);
std::string deferrable_text(bool deferrable, bool deferred);
void add_actions(YamlValue& out, const ForeignKey& key);
YamlValue default_value(const Default& value);
/// True for a string default that would be read as a number.
bool reads_as_number(const std::string& text);
YamlValue checks_value(const std::vector<Check>& checks);
YamlValue triggers_value(const std::vector<Trigger>& triggers);
YamlValue table_texts_value(const std::vector<TableText>& texts, const std::string& state_key);
YamlValue grants_value(const Grants& grants);
/// `out` with comment, owner and grants where there are any.
YamlValue notes_value(YamlValue out, const std::string& comment, const Rights& rights);
/// The SQL under `key`, or `file:` where it came from one.
void add_sql(YamlValue& out, const std::string& key, const Sql& sql, const TextPlace& place);
/// `billing.invoice`, in SQL's quotes where a part holds a dot.
std::string entry_key(const std::string& schema, const std::string& name);

// Tables (schema_writer_tables.cpp)
YamlValue table_value(const Schema& schema, const Table& table);
YamlValue indexes_value(const std::vector<Index>& indexes);

// Views, functions, types and the rest (schema_writer_objects.cpp)
YamlValue enum_value(const EnumType& type);
YamlValue view_value(const View& view);
YamlValue domain_value(const Domain& domain);
YamlValue composite_value(const CompositeType& type);
YamlValue function_value(const Function& function);
YamlValue object_value(const Object& object);
YamlValue schemas_value(const Schema& schema);
YamlValue default_privileges_value(const std::vector<DefaultPrivileges>& list);

}  // namespace tenon
