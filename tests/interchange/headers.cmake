# Compiles exported headers as for a device without a standard library, and compares their outputs with the networks':
# cmake -D COMPILER=... -D NM=... -D PROCESSOR=... -D FOLDER=... -P headers.cmake. FOLDER is one that `models write FOLDER` has filled.

cmake_minimum_required(VERSION 3.21)

set(warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Werror)

function(run what)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "${what} failed:\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

# With this option floats don't compile with g++, and with clang need functions of a library.
set(no_floats "")
if(PROCESSOR MATCHES "^(x86_64|AMD64|aarch64)$")
    set(no_floats -mgeneral-regs-only)
endif()

file(GLOB headers ${FOLDER}/*.hpp)
foreach(header IN LISTS headers)
    get_filename_component(name ${header} NAME_WE)
    set(name_space ${name})
    if(name STREQUAL exclusive_or)
        set(name_space tiny::exclusive_or)
    endif()
    set(definitions -D HEADER="${header}" -D NAME=${name_space})
    if(name MATCHES "^exclusive_or")
        list(APPEND definitions -D IS_EXCLUSIVE_OR)
    elseif(name STREQUAL passengers)
        list(APPEND definitions -D IS_PASSENGERS)
    elseif(name STREQUAL one_number)
        list(APPEND definitions -D IS_ONE_NUMBER)
    endif()
    if(name MATCHES "_whole$")
        list(APPEND definitions -D IS_WHOLE ${no_floats})
    endif()
    set(object ${FOLDER}/${name}.o)
    run("compiling ${name}.hpp" ${COMPILER} -std=c++17 -O2 -ffreestanding -fno-exceptions -fno-rtti ${warnings}
        ${definitions} -c ${CMAKE_CURRENT_LIST_DIR}/header_use.cpp -o ${object})
    run("nm" ${NM} --undefined-only --format=just-symbols ${object})
    string(REGEX REPLACE "\n" ";" symbols "${output}")
    list(REMOVE_ITEM symbols memcpy memset "")
    if(symbols)
        message(FATAL_ERROR "${name}.hpp needs ${symbols}")
    endif()
    file(SIZE ${object} object_size)
    file(SIZE ${header} header_size)
    math(EXPR object_size "${object_size} / 1024")
    math(EXPR header_size "${header_size} / 1024")
    message("${name}: header ${header_size} KiB, object ${object_size} KiB, no undefined symbols")
endforeach()

list(LENGTH headers count)
if(NOT count EQUAL 29)
    message(FATAL_ERROR "There are ${count} headers in ${FOLDER}; there should be 29")
endif()

run("compiling header_check.cpp" ${COMPILER} -std=c++17 -O2 ${warnings} -I ${FOLDER}
    ${CMAKE_CURRENT_LIST_DIR}/header_check.cpp -o ${FOLDER}/header_check)
run("header_check" ${FOLDER}/header_check ${FOLDER})
message("${output}")
