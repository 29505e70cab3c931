// Tenon for programs: one header for the schema, the database and the models.
#pragma once

#include "engine/database.h"
#include "engine/load_schema.h"
#include "engine/models.h"
#include "schemas/yaml.h"
