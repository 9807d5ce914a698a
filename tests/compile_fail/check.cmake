# cmake -D COMPILER=... -D SOURCE=... -D INCLUDE=folder;... -P check.cmake

file(STRINGS ${SOURCE} sentence LIMIT_COUNT 1)
if(NOT sentence MATCHES "^// expects: (.+)$")
    message(FATAL_ERROR "${SOURCE} doesn't begin with its sentence")
endif()
string(REPLACE "\\;" ";" sentence "${CMAKE_MATCH_1}")

set(command ${COMPILER} -std=c++20 -fsyntax-only -DHAVE_CBLAS=1)
foreach(folder IN LISTS INCLUDE)
    if(NOT folder STREQUAL "/usr/include")  # the compiler has it already, in its own place
        list(APPEND command -I ${folder})
    endif()
endforeach()

execute_process(COMMAND ${command} ${SOURCE} RESULT_VARIABLE failed ERROR_VARIABLE errors)
if(failed)
    message(FATAL_ERROR "The good twin in ${SOURCE} doesn't compile:\n${errors}")
endif()

execute_process(COMMAND ${command} -DMUST_FAIL ${SOURCE} RESULT_VARIABLE failed ERROR_VARIABLE errors)
if(NOT failed)
    message(FATAL_ERROR "${SOURCE} compiles with MUST_FAIL, and must not")
endif()
string(FIND "${errors}" "${sentence}" place)
if(place EQUAL -1)
    message(FATAL_ERROR "${SOURCE} fails without the sentence \"${sentence}\":\n${errors}")
endif()
