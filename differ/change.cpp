// Changes turned round and named.
#include "differ/change.h"

#include <string_view>

#include "schemas/joined.h"
#include "schemas/postgres_names.h"

namespace tenon {
namespace {

template <class T>
std::string name_of(const T& thing) {
    if constexpr (requires { thing.full_name(); }) {
        return thing.full_name();
    } else if constexpr (requires { thing.name.text; }) {
        return thing.name.text;
    } else {
        return thing.name;
    }
}
std::string name_of(const std::string& schema) { return schema; }
std::string name_of(const TableOptions&) { return ""; }
std::string name_of(const Object& object) { return postgres::called(object.id).name; }

/// Columns of a key, as an unnamed constraint is called by.
std::string listed(const std::vector<KeyPart>& parts) {
    const auto text = [](const KeyPart& part) { return part.column.empty() ? part.expression->text : part.column; };
    return "(" + joined(parts, ", ", text) + ")";
}
std::string listed(const std::vector<std::string>& names) { return "(" + joined(names) + ")"; }

std::string label(const PrimaryKey& key) { return listed(key.columns); }
std::string label(const UniqueConstraint& unique) { return listed(unique.columns); }
std::string label(const Check& check) { return check.name.text.empty() ? "(" + check.expression.text + ")" : check.name.text; }
std::string label(const ForeignKey& key) {
    return listed(key.columns) + " -> " + key.referenced_table + listed(key.referenced_columns);
}
std::string label(const Exclusion& exclusion) { return exclusion.name.text; }
std::string label(const Index& index) { return index.name.text; }
template <class T>
std::string label(const T& thing) {
    return name_of(thing);
}

constexpr std::string_view noun(const Table*) { return "table"; }
constexpr std::string_view noun(const Column*) { return "column"; }
constexpr std::string_view noun(const PrimaryKey*) { return "primary key"; }
constexpr std::string_view noun(const UniqueConstraint*) { return "unique constraint"; }
constexpr std::string_view noun(const Check*) { return "check"; }
constexpr std::string_view noun(const ForeignKey*) { return "foreign key"; }
constexpr std::string_view noun(const Exclusion*) { return "exclusion constraint"; }
constexpr std::string_view noun(const Index*) { return "index"; }
constexpr std::string_view noun(const Trigger*) { return "trigger"; }
constexpr std::string_view noun(const TableOptions*) { return "table options"; }
constexpr std::string_view noun(const View*) { return "view"; }
constexpr std::string_view noun(const EnumType*) { return "enum"; }
constexpr std::string_view noun(const Domain*) { return "domain"; }
constexpr std::string_view noun(const CompositeType*) { return "composite type"; }
constexpr std::string_view noun(const RangeType*) { return "range type"; }
constexpr std::string_view noun(const Sequence*) { return "sequence"; }
constexpr std::string_view noun(const Collation*) { return "collation"; }
constexpr std::string_view noun(const Extension*) { return "extension"; }
constexpr std::string_view noun(const Function*) { return "function"; }
constexpr std::string_view noun(const std::string*) { return "schema"; }
constexpr std::string_view noun(const Unmanaged*) { return "unmanaged object"; }

template <class T>
constexpr bool kRenamable = std::is_same_v<T, Table> || std::is_same_v<T, Column>;

template <class T>
std::string verb(const Delta<T>& delta) {
    if (!delta.from) return "add";
    if (!delta.to) return "drop";
    if constexpr (kRenamable<T>) {
        if (name_of(*delta.from) != name_of(*delta.to)) return "rename";
    }
    return "change";
}

}  // namespace

Change reverse(const Change& change) {
    return std::visit(
        []<class T>(const Delta<T>& delta) -> Change {
            return Delta<T>{delta.table, delta.to, delta.from};
        },
        change);
}

std::string change_kind(const Change& change) {
    return std::visit(
        []<class T>(const Delta<T>& delta) {
            std::string kind = verb(delta);
            if (std::is_same_v<T, Table> && kind == "add") kind = "create";
            if constexpr (std::is_same_v<T, Object>) {
                return kind + " " + postgres::called(delta.from ? delta.from->id : delta.to->id).kind;
            } else {
                return kind + " " + std::string(noun(static_cast<const T*>(nullptr)));
            }
        },
        change);
}

std::string change_object(const Change& change) {
    return std::visit(
        []<class T>(const Delta<T>& delta) {
            const T& thing = delta.from ? *delta.from : *delta.to;
            const std::string own = label(thing);
            if (delta.table.empty()) return own;
            if (own.empty()) return delta.table;
            return delta.table + (own.front() == '(' ? " " : ".") + own;
        },
        change);
}

std::string change_id(const Change& change) {
    if (const auto* object = std::get_if<Delta<Object>>(&change)) return object->from ? object->from->id : object->to->id;
    return change_object(change);
}

}  // namespace tenon
