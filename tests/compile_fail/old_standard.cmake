# Checks that each public header stops a compiler for C++17 with one sentence and little other output, or compiles.
# The sentence is the name of a file that is missing, so preprocessing reaches it, which takes less time than compiling.
# cmake -D COMPILER=... -D SOURCE=<project> -D INCLUDE=folder;... -P old_standard.cmake

set(command ${COMPILER} -std=c++17 -x c++)
foreach(folder IN LISTS INCLUDE)
    if(NOT folder STREQUAL "/usr/include")  # the compiler searches it anyway, at its own place in the order
        list(APPEND command -I ${folder})
    endif()
endforeach()

file(GLOB headers ${SOURCE}/include/typenet/*.hpp ${SOURCE}/include/typenet/*/*.hpp)
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
    if(count GREATER_EQUAL 20 OR NOT errors MATCHES "typenet needs C\\+\\+20")
        message(FATAL_ERROR "${header} doesn't stop a compiler for C++17 with one sentence:\n${errors}")
    endif()
    math(EXPR stopped "${stopped} + 1")
endforeach()
if(stopped LESS 50)
    message(FATAL_ERROR "only ${stopped} headers stop a compiler for C++17")
endif()
