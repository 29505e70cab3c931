// Finding and reading the configuration.
#include "tools/config.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "engine/connection.h"
#include "schemas/yaml_events.h"
#include "tools/files.h"

namespace tenon {
namespace {

namespace fs = std::filesystem;

/// KEY=VALUE lines of a .env file beside the configuration.
std::map<std::string, std::string> read_dotenv(const fs::path& path) {
    std::map<std::string, std::string> out;
    if (!fs::is_regular_file(path)) return out;
    std::string text = read_file(path);
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.ends_with('\r')) line.pop_back();
        if (line.starts_with("export ")) line = line.substr(7);
        const auto equals = line.find('=');
        if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
        std::string value = line.substr(equals + 1);
        const bool in_quotes = value.size() >= 2 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0];
        out[line.substr(0, equals)] = in_quotes ? value.substr(1, value.size() - 2) : value;
    }
    return out;
}

class Loader {
public:
    explicit Loader(const Arguments& arguments) : arguments_(arguments) {}

    Config load() {
        find_file();
        dotenv_ = read_dotenv((config_.file.empty() ? fs::path(".") : base()) / ".env");
        if (!config_.file.empty()) read();
        if (const auto url = variable("DATABASE_URL"); url && !environment_url_) config_.url = *url;
        if (const auto schema = arguments_.value("schema")) config_.schema = *schema;
        if (const auto migrations = arguments_.value("migrations")) config_.migrations = *migrations;
        if (const auto url = arguments_.value("url")) config_.url = *url;
        return std::move(config_);
    }

private:
    const Arguments& arguments_;
    Config config_;
    std::map<std::string, std::string> dotenv_;
    bool environment_url_ = false;

    fs::path base() const { return config_.file.has_parent_path() ? config_.file.parent_path() : fs::path("."); }

    std::optional<std::string> variable(const std::string& name) const {
        if (const char* value = std::getenv(name.c_str()); value != nullptr && *value != '\0') return value;
        const auto found = dotenv_.find(name);
        return found == dotenv_.end() ? std::nullopt : std::optional(found->second);
    }

    void find_file() {
        if (const auto given = arguments_.value("config")) {
            config_.file = *given;
        } else if (const char* named = std::getenv("TENON_CONFIG"); named != nullptr && *named != '\0') {
            config_.file = named;
        } else {
            fs::path up = "";
            for (fs::path folder = fs::current_path();; folder = folder.parent_path()) {
                if (fs::is_regular_file(folder / "tenon.yaml")) {
                    config_.file = up / "tenon.yaml";
                    break;
                }
                if (folder == folder.parent_path()) break;
                up /= "..";
            }
        }
    }

    /// `${NAME}` replaced by the environment's value; nothing where that is not set, for not every verb needs a database.
    std::optional<std::string> expanded(const YamlNode& node) const {
        std::string out;
        const std::string& text = node.text;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto end = text.compare(i, 2, "${") == 0 ? text.find('}', i) : std::string::npos;
            if (end == std::string::npos) {
                out += text[i];
                continue;
            }
            const std::string name = text.substr(i + 2, end - i - 2);
            const auto value = variable(name);
            if (!value) return std::nullopt;
            out += *value;
            i = end;
        }
        return out;
    }

    /// URLs of SQLite files are relative to the configuration, like all paths in it.
    std::string relative_url(const std::string& text) const {
        const Url url = parse_url(text);
        if (url.dialect != Dialect::sqlite || url.path == ":memory:" || fs::path(url.path).is_absolute() ||
            base() == fs::path("."))
            return text;
        return "sqlite:" + (base() / url.path).string();
    }

    void read() {
        const SchemaText file{config_.file.string(), read_file(config_.file)};
        YamlProblems problems(file);
        std::vector<std::pair<YamlNode, YamlNode>> entries;
        std::map<std::string, std::optional<std::string>> urls;
        std::optional<std::string> default_url;
        read_yaml(file, problems, [&](const YamlNode& section, const YamlNode* key, const YamlNode& value) {
            const std::string& name = section.text;
            if (name == "environments" && key != nullptr) {
                const YamlNode* url = value.find("url");
                if (url == nullptr) problems.add(*key, "the environment " + key->text + " has no url", "add `url:`");
                for (const auto& [k, v] : value.entries) {
                    if (k.text != "url")
                        problems.add(k, "unknown key \"" + k.text + "\" in environment " + key->text, "known keys: url");
                }
                if (url != nullptr && arguments_.value("env") == key->text) urls[key->text] = expanded(*url);
            } else if (name == "ignore" && value.is_sequence()) {
                for (const YamlNode& item : value.items) config_.ignore.push_back(item.text);
            } else if (key != nullptr || !value.is_scalar()) {
                if (!(name == "environments" && value.is_null()))
                    problems.add(section, "unknown or misplaced key \"" + name + "\"",
                                 "known keys: schema, migrations, url, scratch_url, environments, ignore, rebuild");
            } else if (name == "schema") {
                config_.schema = base() == fs::path(".") ? fs::path(value.text) : base() / value.text;
            } else if (name == "migrations") {
                config_.migrations = base() == fs::path(".") ? fs::path(value.text) : base() / value.text;
            } else if (name == "url") {
                if (!arguments_.has("env")) default_url = expanded(value);
            } else if (name == "scratch_url") {
                config_.scratch_url = expanded(value);
            } else if (name == "rebuild") {
                if (value.text != "classic" && value.text != "fast")
                    problems.add(value, "`rebuild` is classic or fast", "write `rebuild: classic`");
                config_.classic_rebuild = value.text == "classic";
            } else {
                const std::string close =
                    did_you_mean(name, {"schema", "migrations", "url", "scratch_url", "environments", "ignore", "rebuild"});
                problems.add(section, "unknown key \"" + name + "\"",
                             close.empty() ? "known keys: schema, migrations, url, scratch_url, environments, ignore, rebuild"
                                           : "did you mean \"" + close + "\"?");
            }
        });
        if (!problems.list().empty()) throw Error(ErrorCode::error, problems.list());
        if (const auto wanted = arguments_.value("env")) {
            if (!urls.contains(*wanted))
                throw Error(ErrorCode::usage, "there is no environment " + *wanted + " in " + config_.file.string(),
                            "declare it under `environments:`");
            if (urls[*wanted]) config_.url = relative_url(*urls[*wanted]);
            environment_url_ = true;
        } else if (default_url && !default_url->empty()) {
            config_.url = relative_url(*default_url);
        }
    }
};

}  // namespace

Config load_config(const Arguments& arguments) { return Loader(arguments).load(); }

}  // namespace tenon
