// Reading schema files for programs.
#include "engine/load_schema.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "schemas/yaml.h"

namespace tenon {

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
    return read_schema(texts);
}

}  // namespace tenon
