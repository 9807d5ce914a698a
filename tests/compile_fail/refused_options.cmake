# Checks that each public header stops a compiler with one sentence and little other output, or compiles: for C++17,
# without exceptions, and where numbers are wider in registers than in memory, for which only g++ on x86 has an option.
# The sentence is the name of a file that is missing, so preprocessing reaches it, which takes less time than compiling.
# cmake -D COMPILER=... -D SOURCE=<project> -D INCLUDE=folder;... -P refused_options.cmake

cmake_minimum_required(VERSION 3.21)

set(folders "")
foreach(folder IN LISTS INCLUDE)
    if(NOT folder STREQUAL "/usr/include")  # the compiler searches it anyway, at its own place in the order
        list(APPEND folders -I ${folder})
    endif()
endforeach()
file(GLOB headers ${SOURCE}/include/typenet/*.hpp ${SOURCE}/include/typenet/*/*.hpp)

# check_refused(SENTENCE OPTION...): with these options, most headers stop the compiler with this sentence.
function(check_refused sentence)
    set(command ${COMPILER} ${ARGN} -x c++ ${folders})
    set(stopped 0)
    foreach(header IN LISTS headers)
        execute_process(COMMAND ${command} -E -o /dev/null ${header} RESULT_VARIABLE failed ERROR_VARIABLE errors)
        if(NOT failed)
            execute_process(COMMAND ${command} -fsyntax-only ${header} RESULT_VARIABLE failed ERROR_VARIABLE errors)
            if(NOT failed)
                continue()  # a header without C++20, such as version.hpp
            endif()
        endif()
        string(REGEX MATCHALL "\n" lines "${errors}")
        list(LENGTH lines count)
        if(count GREATER_EQUAL 20 OR NOT errors MATCHES "${sentence}")
            message(FATAL_ERROR "${header} doesn't stop a compiler with ${ARGN} with one sentence:\n${errors}")
        endif()
        math(EXPR stopped "${stopped} + 1")
    endforeach()
    if(stopped LESS 50)
        message(FATAL_ERROR "only ${stopped} headers stop a compiler with ${ARGN}")
    endif()
endfunction()

check_refused("typenet needs C\\+\\+20" -std=c++17)
check_refused("typenet reports errors as exceptions" -std=c++20 -fno-exceptions)
set(wide_registers -std=c++20 -mfpmath=387)
execute_process(COMMAND ${COMPILER} ${wide_registers} -E -dM -x c++ /dev/null OUTPUT_VARIABLE macros ERROR_QUIET)
if(macros MATCHES "__FLT_EVAL_METHOD__ 2\n")
    check_refused("typenet needs float and double that are computed as such" ${wide_registers})
endif()
