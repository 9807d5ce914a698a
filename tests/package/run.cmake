# Builds the consumer project against the library, as installed, as a subdirectory or through FetchContent, and runs it.
# cmake -D WAY=installed|subdirectory|fetched -D SOURCE=... -D BUILD=... -D WORK=... -D COMPILER=... -P run.cmake

function(run)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        list(JOIN ARGV " " command)
        message(FATAL_ERROR "failed: ${command}\n${output}")
    endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
set(options -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_BUILD_TYPE=Debug)
if(WAY STREQUAL "installed")
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
    list(PREPEND PREFIXES ${WORK}/prefix)
else()
    list(APPEND options -D TYPENET_SOURCE=${SOURCE} -D WAY=${WAY})
endif()
string(REPLACE ";" "\\;" PREFIXES "${PREFIXES}")
list(APPEND options "-DCMAKE_PREFIX_PATH=${PREFIXES}")
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK}/build ${options})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
