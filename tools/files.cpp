// The file system, for the parts of Tenon that know none.
#include "tools/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "differ/pattern.h"

namespace tenon {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
    throw Error(ErrorCode::error, path.string() + ": " + what + ": " + std::strerror(errno),
                "check the path and its permissions");
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder, const auto& wanted) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_regular_file() && wanted(entry.path())) paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    return paths;
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
    errno = 0;
    if (std::filesystem::is_directory(path)) throw Error(ErrorCode::error, path.string() + ": is a folder", "name a file");
    std::ifstream in(path, std::ios::binary);
    if (!in) fail(path, "cannot read");
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    errno = 0;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    const std::filesystem::path unfinished = path.string() + ".tenon-new";
    {
        std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
        out << text;
        if (!out.flush()) fail(path, "cannot write");
    }
    std::filesystem::rename(unfinished, path);
}

std::vector<SchemaText> schema_texts(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> paths;
    const auto is_yaml = [](const std::filesystem::path& p) { return p.extension() == ".yaml" || p.extension() == ".yml"; };
    if (std::filesystem::is_directory(path)) {
        paths = files_of(path, is_yaml);
    } else if (path.filename().string().find('*') != std::string::npos) {
        const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
        if (std::filesystem::is_directory(folder)) {
            paths = files_of(folder, [&](const std::filesystem::path& p) {
                return matches_pattern(p.filename().string(), path.filename().string());
            });
        }
    } else {
        paths = {path};
    }
    if (paths.empty())
        throw Error(ErrorCode::error, path.string() + ": no schema files there",
                    "name a .yaml file, or a folder that holds some");
    std::vector<SchemaText> texts;
    for (const auto& p : paths) texts.push_back({p.string(), read_file(p)});
    return texts;
}

Error with_source_lines(const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
        if (problem.where.file.empty() || problem.where.line == 0 || !problem.source_line.empty()) continue;
        std::ifstream in(problem.where.file);
        for (int line = 0; line < problem.where.line && std::getline(in, problem.source_line);) ++line;
        if (!in) problem.source_line.clear();
        if (problem.source_line.ends_with('\r')) problem.source_line.pop_back();
    }
    return {error.code(), std::move(problems)};
}

std::vector<MigrationText> migration_texts(const std::filesystem::path& folder) {
    std::vector<MigrationText> texts;
    if (!std::filesystem::is_directory(folder)) return texts;
    for (const auto& path : files_of(folder, [](const std::filesystem::path& p) { return p.extension() == ".sql"; })) {
        texts.push_back({path.string(), read_file(path)});
    }
    return texts;
}

}  // namespace tenon
