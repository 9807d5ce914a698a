# Sets `command`: the compiler with the include folders in INCLUDE.

set(command ${COMPILER} -std=c++20)
foreach(folder IN LISTS INCLUDE)
    if(NOT folder STREQUAL "/usr/include")  # the compiler has it already, in its own place
        list(APPEND command -I ${folder})
    endif()
endforeach()
