# Precompiles what most cases include, where g++ and clang look for it when they are given -include HEADER.
# cmake -D COMPILER=... -D COMPILER_ID=... -D HEADER=... -D INCLUDE=folder;... -P precompile.cmake

include(${CMAKE_CURRENT_LIST_DIR}/command.cmake)
file(WRITE ${HEADER} "#include <typenet/typenet.hpp>\n")
set(ending gch)
if(COMPILER_ID MATCHES "Clang")
    set(ending pch)
endif()
execute_process(COMMAND ${command} -x c++-header ${HEADER} -o ${HEADER}.${ending} COMMAND_ERROR_IS_FATAL ANY)
