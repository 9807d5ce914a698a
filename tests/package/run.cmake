# Builds the consumer project against the library and runs it. WAY says how the consumer gets the library:
#   installed      find_package. Configuring without a build type must give one warning, and with a build type none. The
#                  consumer's xsimd and zlib count, not those of the machine where the library was installed.
#   subdirectory   add_subdirectory, with the same warnings
#   fetched        FetchContent, with the same warnings
#   parent         find_package of a library that is built on this one, which it found installed or has as a subdirectory
#   pkg-config     the compiler's options from pkg-config, without CMake
# cmake -D WAY=... -D SOURCE=... -D BUILD=... -D WORK=... -D COMPILER=... -D PREFIXES=... -P run.cmake

cmake_minimum_required(VERSION 3.21)

function(run)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        list(JOIN ARGV " " command)
        message(FATAL_ERROR "failed: ${command}\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

# must_fail(SENTENCE COMMAND...): the command must fail and say so.
function(must_fail sentence)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    string(REGEX REPLACE "[ \n]+" " " output "${output}")  # CMake breaks its lines
    string(FIND "${output}" "${sentence}" found)
    if(NOT failed OR found EQUAL -1)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "should fail and say '${sentence}': ${command}\n${output}")
    endif()
endfunction()

# look_in(PREFIX...): what is configured from now on looks for packages in these folders first.
function(look_in)
    cmake_path(CONVERT "${ARGN};${PREFIXES}" TO_NATIVE_PATH_LIST folders)
    set(ENV{CMAKE_PREFIX_PATH} "${folders}")
endfunction()

set(configure ${CMAKE_COMMAND} -E env --unset=CMAKE_BUILD_TYPE --unset=CXXFLAGS
              ${CMAKE_COMMAND} -G "Unix Makefiles" -D CMAKE_CXX_COMPILER=${COMPILER})
set(consumer -S ${CMAKE_CURRENT_LIST_DIR}/consumer)
set(parent -S ${CMAKE_CURRENT_LIST_DIR}/parent)
set(library -S ${SOURCE} -D TYPENET_TESTS=OFF -D TYPENET_EXAMPLES=OFF -D CMAKE_BUILD_TYPE=Release)

# build_and_run(FOLDER): builds the consumer that was configured there.
macro(build_and_run folder)
    run(${CMAKE_COMMAND} --build ${folder})
    run(${folder}/consumer)
endmacro()

# build_types(OPTION...): configures the consumer without and with a build type, and counts the warnings.
macro(build_types)
    run(${configure} ${consumer} -B ${WORK}/without_type ${ARGN})
    string(REGEX MATCHALL "no build type is set" warnings "${output}")
    run(${configure} ${consumer} -B ${WORK}/build ${ARGN} -D CMAKE_BUILD_TYPE=Debug)
    if(NOT warnings STREQUAL "no build type is set" OR output MATCHES "no build type is set")
        message(FATAL_ERROR "without a build type, these warnings: '${warnings}'; with one:\n${output}")
    endif()
endmacro()

file(REMOVE_RECURSE ${WORK})
if(WAY STREQUAL "installed")
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
    look_in(${WORK}/prefix)
    build_types()
    build_and_run(${WORK}/build)
    must_fail("typenet has no components, and so no training" ${configure} ${consumer} -B ${WORK}/component -D COMPONENT=training)
    set(plain -D USES_XSIMD=0 -D USES_ZLIB=0)
    run(${configure} ${consumer} -B ${WORK}/plain -D CMAKE_BUILD_TYPE=Debug -D CMAKE_DISABLE_FIND_PACKAGE_xsimd=ON
        -D CMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON ${plain})
    if(NOT output MATCHES "xsimd is not installed")
        message(FATAL_ERROR "no warning that xsimd is missing:\n${output}")
    endif()
    run(${configure} ${consumer} -B ${WORK}/off -D CMAKE_BUILD_TYPE=Debug -D TYPENET_XSIMD=OFF -D TYPENET_ZLIB=OFF
        ${plain})
    if(output MATCHES "xsimd is not installed")
        message(FATAL_ERROR "a warning of something that is not wanted:\n${output}")
    endif()
    # The other way round: installed where there was neither.
    run(${configure} ${library} -B ${WORK}/plain_library -D TYPENET_XSIMD=OFF -D TYPENET_ZLIB=OFF)
    run(${CMAKE_COMMAND} --install ${WORK}/plain_library --prefix ${WORK}/plain_prefix)
    look_in(${WORK}/plain_prefix)
    run(${configure} ${consumer} -B ${WORK}/more -D CMAKE_BUILD_TYPE=Debug
        -D USES_XSIMD=1 -D USES_ZLIB=1)
    # A library that is missing, and must not be fetched.
    must_fail("typenet needs xtl, which is not installed. Install it (on Debian: xtl-dev)"
              ${configure} ${library} -B ${WORK}/missing -D TYPENET_FETCH=OFF -D CMAKE_DISABLE_FIND_PACKAGE_xtl=ON)
elseif(WAY STREQUAL "subdirectory" OR WAY STREQUAL "fetched")
    look_in()
    build_types(-D TYPENET_SOURCE=${SOURCE} -D WAY=${WAY})
    build_and_run(${WORK}/build)
elseif(WAY STREQUAL "parent")
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/typenet)
    look_in(${WORK}/typenet)
    run(${configure} ${parent} -B ${WORK}/above -D CMAKE_BUILD_TYPE=Debug)
    run(${CMAKE_COMMAND} --install ${WORK}/above --prefix ${WORK}/prefix_above)
    look_in(${WORK}/prefix_above ${WORK}/typenet)
    run(${configure} ${consumer} -B ${WORK}/build_above -D CMAKE_BUILD_TYPE=Debug -D PACKAGE=parent)
    look_in()
    run(${configure} ${parent} -B ${WORK}/around -D CMAKE_BUILD_TYPE=Debug -D TYPENET_SOURCE=${SOURCE})
    run(${CMAKE_COMMAND} --install ${WORK}/around --prefix ${WORK}/prefix_around)
    look_in(${WORK}/prefix_around)
    run(${configure} ${consumer} -B ${WORK}/build -D CMAKE_BUILD_TYPE=Debug -D PACKAGE=parent)
    build_and_run(${WORK}/build)
elseif(WAY STREQUAL "pkg-config")
    find_program(PKG_CONFIG NAMES pkg-config pkgconf)
    if(NOT PKG_CONFIG)
        message("skipped: there is no pkg-config")
        return()
    endif()
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
    set(ENV{PKG_CONFIG_PATH} ${WORK}/prefix/share/pkgconfig)
    run(${PKG_CONFIG} --cflags --libs typenet)
    separate_arguments(options UNIX_COMMAND "${output}")
    run(${COMPILER} -std=c++20 ${SOURCE}/examples/quickstart.cpp ${options} -o ${WORK}/quickstart)
    must_fail("mnist_train.csv" ${WORK}/quickstart ${WORK})
    run(${PKG_CONFIG} --modversion typenet)
    string(STRIP "${output}" version)
    file(STRINGS ${SOURCE}/include/typenet/version.hpp expected REGEX "define TYPENET_VERSION_(MAJOR|MINOR|PATCH) ")
    list(TRANSFORM expected REPLACE ".* ([0-9]+)$" "\\1")
    list(JOIN expected "." expected)
    if(NOT version STREQUAL expected)
        message(FATAL_ERROR "pkg-config says version ${version}, not ${expected}")
    endif()
else()
    message(FATAL_ERROR "unknown WAY: ${WAY}")
endif()
