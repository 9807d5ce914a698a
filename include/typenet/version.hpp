#pragma once

// The one place where the version is written; CMakeLists.txt reads these three lines.
#define TYPENET_VERSION_MAJOR 0
#define TYPENET_VERSION_MINOR 1
#define TYPENET_VERSION_PATCH 0

#define TYPENET_STRINGIZE_IMPL(x) #x
#define TYPENET_STRINGIZE(x) TYPENET_STRINGIZE_IMPL(x)

namespace typenet {

/// The library's version as "major.minor.patch".
inline constexpr const char* version = TYPENET_STRINGIZE(TYPENET_VERSION_MAJOR) "." TYPENET_STRINGIZE(
    TYPENET_VERSION_MINOR) "." TYPENET_STRINGIZE(TYPENET_VERSION_PATCH);

}  // namespace typenet

#undef TYPENET_STRINGIZE
#undef TYPENET_STRINGIZE_IMPL
