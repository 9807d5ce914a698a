# Runs the port of vcpkg without vcpkg: the functions below stand in for vcpkg's, and install into WORK. They can't show
# that vcpkg's ports of the dependencies work together.
# cmake -D SOURCE=<project> -D WORK=<folder> -D COMPILER=... -D PREFIXES=... -P vcpkg.cmake

cmake_minimum_required(VERSION 3.21)

set(PORT typenet)
set(CURRENT_PORT_DIR ${SOURCE}/.packaging/vcpkg/ports/typenet)
set(CURRENT_PACKAGES_DIR ${WORK}/package)
file(REMOVE_RECURSE ${WORK})

file(READ ${CURRENT_PORT_DIR}/vcpkg.json manifest)
string(JSON name GET "${manifest}" name)
string(JSON version GET "${manifest}" version)
file(STRINGS ${SOURCE}/include/typenet/version.hpp expected REGEX "define TYPENET_VERSION_(MAJOR|MINOR|PATCH) ")
list(TRANSFORM expected REPLACE ".* ([0-9]+)$" "\\1")
list(JOIN expected "." expected)
if(NOT name STREQUAL PORT OR NOT version STREQUAL expected)
    message(FATAL_ERROR "vcpkg.json is for ${name} ${version}, not for ${PORT} ${expected}")
endif()

# The first feature is on, the others are off.
function(vcpkg_check_features)
    cmake_parse_arguments(arg "" OUT_FEATURE_OPTIONS FEATURES ${ARGN})
    set(options "")
    set(wanted ON)
    while(arg_FEATURES)
        list(POP_FRONT arg_FEATURES feature option)
        string(JSON ignored GET "${manifest}" features ${feature} description)  # an error where the manifest lacks it
        list(APPEND options -D${option}=${wanted})
        set(wanted OFF)
    endwhile()
    set(${arg_OUT_FEATURE_OPTIONS} ${options} PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
    cmake_parse_arguments(arg "" SOURCE_PATH OPTIONS ${ARGN})
    cmake_path(CONVERT "${PREFIXES}" TO_NATIVE_PATH_LIST folders)
    set(ENV{CMAKE_PREFIX_PATH} "${folders}")
    execute_process(COMMAND ${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${WORK}/build -D CMAKE_CXX_COMPILER=${COMPILER}
                            -D CMAKE_BUILD_TYPE=Release -D CMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR} ${arg_OPTIONS}
                    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed OR output MATCHES "not used by the project")
        message(FATAL_ERROR "an option is unknown, or configuring failed:\n${output}")
    endif()
endfunction()

function(vcpkg_cmake_install)
    execute_process(COMMAND ${CMAKE_COMMAND} --install ${WORK}/build OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_cmake_config_fixup)
    cmake_parse_arguments(arg "" CONFIG_PATH "" ${ARGN})
    file(GLOB files ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/*.cmake)
    file(COPY ${files} DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT})
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_install_copyright)
    cmake_parse_arguments(arg "" "" FILE_LIST ${ARGN})
    file(INSTALL ${arg_FILE_LIST} DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT} RENAME copyright)
endfunction()

include(${CURRENT_PORT_DIR}/portfile.cmake)

foreach(file IN ITEMS include/typenet/typenet.hpp share/pkgconfig/typenet.pc share/typenet/copyright share/typenet/usage
                      share/typenet/typenet-config.cmake share/typenet/typenet-targets.cmake)
    if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/${file})
        message(FATAL_ERROR "the port doesn't install ${file}")
    endif()
endforeach()
