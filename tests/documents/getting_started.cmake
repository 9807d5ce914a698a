# Does what docs/guide/getting-started.md says, with its own commands and files: writes the data, trains, predicts. Only
# the library's address is replaced by SOURCE.
# cmake -D SOURCE=<project> -D COMPILER=... -D PREFIXES=... -D WORK=<folder> -P getting_started.cmake

cmake_minimum_required(VERSION 3.21)

include(${CMAKE_CURRENT_LIST_DIR}/page.cmake)

open_page(getting-started)
cmake_path(CONVERT "${PREFIXES}" TO_NATIVE_PATH_LIST folders)
set(ENV{CMAKE_PREFIX_PATH} "${folders}")
set(ENV{CXX} ${COMPILER})
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
next_block(install sh)
next_block(write_data sh)
next_block(shown text)
run("${write_data}" ${WORK})
if(NOT output STREQUAL shown)
    message(FATAL_ERROR "the page shows other data:\n${shown}instead of\n${output}")
endif()

next_block(project cmake)
string(REGEX REPLACE "FetchContent_Declare\\(typenet [^\n]*" "FetchContent_Declare(typenet SOURCE_DIR ${SOURCE})"
       project "${project}")
file(WRITE ${WORK}/parts/CMakeLists.txt "${project}")
foreach(file IN ITEMS part.hpp train.cpp)
    next_block(text cpp)
    file(WRITE ${WORK}/parts/${file} "${text}")
endforeach()
next_block(train sh)
run("${train}" ${WORK}/parts)
if(NOT output MATCHES "epoch 8/8 .*actual . predicted  bolt  nut  washer\n")
    message(FATAL_ERROR "the training shows something else:\n${output}")
endif()

next_block(text cpp)
file(WRITE ${WORK}/parts/predict.cpp "${text}")
next_block(line cmake)
string(REGEX REPLACE "foreach[^\n]*\n" "${line}" project "${project}")
file(WRITE ${WORK}/parts/CMakeLists.txt "${project}")
next_block(predict sh)
run("${predict}" ${WORK}/parts)
if(NOT output MATCHES "\nbolt: 9[0-9.]+ %\nwasher: 9[0-9.]+ %\n$")
    message(FATAL_ERROR "the predictions are others:\n${output}")
endif()
