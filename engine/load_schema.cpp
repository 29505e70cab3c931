// Reading schema files for programs.
#include "engine/load_schema.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tenon {

SchemaText read_body(const std::string& path, const std::string& name) {
    const std::filesystem::path file = std::filesystem::path(path).parent_path() / name;
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file))
        throw Error(ErrorCode::error, "the file " + file.string() + " cannot be read",
                    "`file:` is relative to the schema file");
    std::ostringstream text;
    text << in.rdbuf();
    return {file.string(), std::move(text).str()};
}

Schema load_schema(const std::string& path) {
    namespace fs = std::filesystem;
    std::vector<fs::path> paths{path};
    if (fs::is_directory(path)) {
        paths.clear();
        for (const auto& entry : fs::directory_iterator(path)) {
            if (entry.path().extension() == ".yaml" || entry.path().extension() == ".yml") paths.push_back(entry.path());
        }
        std::ranges::sort(paths);
    }
    std::vector<SchemaText> texts;
    for (const fs::path& file : paths) {
        std::ifstream in(file, std::ios::binary);
        if (!in) throw Error(ErrorCode::error, file.string() + ": cannot read the schema file", "check the path");
        std::ostringstream text;
        text << in.rdbuf();
        texts.push_back({file.string(), std::move(text).str()});
    }
    return read_schema(texts, read_body);
}

}  // namespace tenon
