// The settings of a connection that a migration may change, put back after it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/connection.h"
#include "engine/migration_body.h"

namespace tenon {

/// Remembers the settings when it is made, where the steps may change them, and puts back what is different at the end.
class SavedSettings {
public:
    SavedSettings(Connection& connection, const std::vector<BodyStep>& steps);
    SavedSettings(const SavedSettings&) = delete;
    SavedSettings& operator=(const SavedSettings&) = delete;
    ~SavedSettings();

private:
    using Settings = std::vector<std::pair<std::string, std::string>>;
    Connection& connection_;
    Settings saved_{};

    Settings current() const;
    void put_back(const std::string& name, const std::string& value) const;
};

}  // namespace tenon
