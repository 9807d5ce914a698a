# Builds the consumer project against the library, as installed, as a subdirectory or through FetchContent, and runs it.
# Configuring it without a build type must give one warning, and with a build type none.
# cmake -D WAY=installed|subdirectory|fetched -D SOURCE=... -D BUILD=... -D WORK=... -D COMPILER=... -P run.cmake

function(run)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        list(JOIN ARGV " " command)
        message(FATAL_ERROR "failed: ${command}\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

# configure(FOLDER WARNINGS OPTION...): configures the consumer, which must give so many warnings of the build type.
function(configure folder warnings)
    run(${CMAKE_COMMAND} -E env --unset=CMAKE_BUILD_TYPE --unset=CXXFLAGS
        ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK}/${folder} -G "Unix Makefiles" ${ARGN})
    string(REGEX MATCHALL "no build type is set" given "${output}")
    list(LENGTH given given)
    if(NOT given EQUAL warnings)
        message(FATAL_ERROR "${given} warnings of the build type, not ${warnings}:\n${output}")
    endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
set(options -D CMAKE_CXX_COMPILER=${COMPILER})
if(WAY STREQUAL "installed")
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
    list(PREPEND PREFIXES ${WORK}/prefix)
else()
    list(APPEND options -D TYPENET_SOURCE=${SOURCE} -D WAY=${WAY})
endif()
string(REPLACE ";" "\\;" PREFIXES "${PREFIXES}")
list(APPEND options "-DCMAKE_PREFIX_PATH=${PREFIXES}")
configure(without_type 1 ${options})
configure(build 0 ${options} -D CMAKE_BUILD_TYPE=Debug)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
