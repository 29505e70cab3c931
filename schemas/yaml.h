// Schema files: YAML text to Schema and back.  Knows no file system: callers hand in text and a name for messages.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/schema.h"

namespace tenon {

/// One schema file's text, with the path that messages name.
struct SchemaText {
    std::string path;
    std::string text;
};

/// Gives the text behind `file: NAME` in the schema file at `path`, with the path by which messages call it.
/// @throws Error where it cannot be read.
using BodyReader = std::function<SchemaText(const std::string& path, const std::string& name)>;

/// Reads and validates a declared schema that may be spread over several files.
/// @throws Error (code error) that lists every mistake of all files, each with file:line:column, source line and hint.
Schema read_schema(const std::vector<SchemaText>& files, const BodyReader& bodies = {});
inline Schema read_schema(std::string path, std::string text) {
    std::vector<SchemaText> files;  // an initializer list would copy the text
    files.push_back({std::move(path), std::move(text)});
    return read_schema(files);
}

/// The canonical YAML of a declared schema: stable (writing what was read from it gives the same bytes).
std::string write_schema(const Schema& declared);

/// `tenon fmt`: the canonical form of one schema file.  Comments and `x-*` keys are kept; a file that uses anchors is returned
/// as it is.
/// @throws Error as read_schema does.
std::string format_schema(const SchemaText& file);

}  // namespace tenon
