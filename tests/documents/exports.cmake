# The programs around exported headers, which are C++17 and know nothing of the library, compile with the headers that the
# guide's own programs write:
#   - docs/guide/saving-and-deploying.md: its program is compiled, and run twice as the page says,
#   - docs/guide/your-data.md: the header is that of examples/classification.
# cmake -D SOURCE=<project> -D COMPILER=... -D INCLUDE=<folder>;... -D CLASSIFICATION=<program> -D WORK=<folder>
#       -P exports.cmake

cmake_minimum_required(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/page.cmake)

list(REMOVE_ITEM INCLUDE /usr/include)  # the compiler has it already, in its own place
list(TRANSFORM INCLUDE PREPEND "-I '")
list(TRANSFORM INCLUDE APPEND "'")
list(JOIN INCLUDE " " include)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

open_page(saving-and-deploying)
next_block(text cpp)
file(WRITE ${WORK}/program.cpp "${text}")
next_block(shown text)
run("'${COMPILER}' -std=c++20 -O1 -DTYPENET_USE_ZLIB=0 ${include} program.cpp -o program -pthread" ${WORK})
run("./program" ${WORK})
if(NOT output MATCHES "20 epochs, 20 of them now; .*in 8 bits: .*the loaded network has the same bits\n$")
    message(FATAL_ERROR "the first run shows something else:\n${output}")
endif()
run("./program" ${WORK})
if(NOT output MATCHES "20 epochs, 0 of them now; ")
    message(FATAL_ERROR "the second run shows something else:\n${output}")
endif()
next_block(text c++)
next_block(shown text)
file(WRITE ${WORK}/header.cpp "${text}")
run("'${COMPILER}' -std=c++17 -Wall -Wextra -Werror header.cpp -o header && ./header" ${WORK})
if(NOT output STREQUAL shown)
    message(FATAL_ERROR "the program with the header shows another answer: ${output}")
endif()
next_block(text c++)
file(WRITE ${WORK}/whole.cpp "${text}")
run("'${COMPILER}' -std=c++17 -Wall -Wextra -Werror -c whole.cpp" ${WORK})

open_page(your-data)
next_block(text c++)
string(REPLACE "#include \"pumps.hpp\"\n" "" text "${text}")
file(WRITE ${WORK}/pumps.cpp "#include \"pumps.hpp\"\n#include <cstdio>\n\nint main() {${text}std::printf(\"%.3f %s\", chance, answer);\n}\n")
run("'${CLASSIFICATION}' . && '${COMPILER}' -std=c++17 -Wall -Wextra -Werror pumps.cpp -o pumps && ./pumps" ${WORK})
if(NOT output MATCHES "[01][.][0-9]+ (no|yes)$")
    message(FATAL_ERROR "the header of the pumps gives another answer: ${output}")
endif()
