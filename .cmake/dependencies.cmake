# Finds the libraries that typenet needs, and fetches those that are missing at a pinned commit, unless TYPENET_FETCH is
# OFF. Sets TYPENET_DEPENDENCIES (targets to link), TYPENET_HAS_XSIMD, TYPENET_HAS_ZLIB and TYPENET_FETCHED (names).
# FetchContent's FIND_PACKAGE_ARGS would replace the function below, but needs CMake 3.24, which Ubuntu 22.04 doesn't have.

include(FetchContent)

set(TYPENET_FETCHED "")

# Debian's names of the packages that aren't called lib<name>-dev.
set(TYPENET_DEBIAN_doctest doctest-dev)
set(TYPENET_DEBIAN_nlohmann_json nlohmann-json3-dev)
set(TYPENET_DEBIAN_xtl xtl-dev)

# typenet_may_fetch(NAME VERSIONS) stops CMake where the library isn't installed and TYPENET_FETCH forbids to fetch it.
function(typenet_may_fetch name versions)
    if(TYPENET_FETCH)
        return()
    endif()
    string(TOLOWER lib${name}-dev package)
    if(DEFINED TYPENET_DEBIAN_${name})
        set(package ${TYPENET_DEBIAN_${name}})
    endif()
    string(STRIP "${name} ${versions}" wanted)
    message(FATAL_ERROR "typenet needs ${wanted}, which is not installed. Install it (on Debian: ${package}), or name its "
                        "folder in CMAKE_PREFIX_PATH, or let CMake fetch it with -D TYPENET_FETCH=ON.")
endfunction()

# typenet_dependency(NAME TARGET REPOSITORY COMMIT INCLUDE_FOLDER [VERSIONS]) defines TARGET, which brings the headers.
# Of a fetched repository only the headers are used; its own build files are not run.
function(typenet_dependency name target repository commit include_folder)
    if(TARGET ${target})
        return()
    endif()
    find_package(${name} ${ARGN} CONFIG QUIET)
    if(TARGET ${target})
        set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL ON)  # also visible to an enclosing project
        return()
    endif()
    list(JOIN ARGN " " versions)
    typenet_may_fetch(${name} "${versions}")
    message(STATUS "typenet: ${name} ${versions} is not installed; fetching ${repository}")
    string(TOLOWER typenet_${name} fetched)
    FetchContent_Declare(${fetched} GIT_REPOSITORY https://github.com/${repository} GIT_TAG ${commit}
                         SOURCE_SUBDIR no-build-files-wanted)
    FetchContent_MakeAvailable(${fetched})
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} SYSTEM INTERFACE ${${fetched}_SOURCE_DIR}/${include_folder})
    list(APPEND TYPENET_FETCHED ${name})
    set(TYPENET_FETCHED ${TYPENET_FETCHED} PARENT_SCOPE)
endfunction()

typenet_dependency(xtl xtl xtensor-stack/xtl ef84e9f27020ad54961c99acd293d80d4b775dd3 include)  # 0.8.0
set(TYPENET_XTENSOR_VERSIONS 0.24.3...<0.28)
typenet_dependency(xtensor xtensor xtensor-stack/xtensor f31d415a507b84d0097436a38293df3f56906ad1 include
                   ${TYPENET_XTENSOR_VERSIONS})  # 0.26.0
find_package(Threads REQUIRED)
set(TYPENET_DEPENDENCIES xtl xtensor Threads::Threads)

set(TYPENET_HAS_XSIMD OFF)
if(TYPENET_XSIMD)
    typenet_dependency(xsimd xsimd xtensor-stack/xsimd 1f8dd9c8e162968d9b4ff0251c56d431b8777f36 include)  # 13.2.0
    list(APPEND TYPENET_DEPENDENCIES xsimd)
    set(TYPENET_HAS_XSIMD ON)
endif()

set(TYPENET_HAS_ZLIB OFF)
if(TYPENET_ZLIB)
    if(NOT TARGET ZLIB::ZLIB)
        find_package(ZLIB QUIET)
        if(ZLIB_FOUND)
            set_target_properties(ZLIB::ZLIB PROPERTIES IMPORTED_GLOBAL ON)
        endif()
    endif()
    if(TARGET ZLIB::ZLIB)
        list(APPEND TYPENET_DEPENDENCIES ZLIB::ZLIB)
        set(TYPENET_HAS_ZLIB ON)
    endif()
endif()
