// SHA-256 (FIPS 180-4), for the checksums of migrations and the hashes of schemas.
#pragma once

#include <string>
#include <string_view>

namespace tenon {

/// The digest of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace tenon
