# Each platform of run.sh has a row in docs/platforms.md, and is run on each change: by .ci/run, or by the workflow on
# GitHub, which runs what .ci/run leaves out.
# cmake -D SOURCE=<project> -P check_lists.cmake

cmake_minimum_required(VERSION 3.21)

# words(OUT FILE PATTERN SEPARATOR): the words that PATTERN's parentheses find in FILE.
function(words out file pattern separator)
    file(READ ${SOURCE}/${file} text)
    if(NOT text MATCHES "${pattern}")
        message(FATAL_ERROR "${file} has no ${pattern}")
    endif()
    string(REPLACE "${separator}" ";" found "${CMAKE_MATCH_1}")
    set(${out} ${found} PARENT_SCOPE)
endfunction()

words(platforms tests/platforms/run.sh "\nplatforms=\"([^\"]+)\"" " ")
words(in_run .ci/run "--platforms --check ([a-z0-9 -]+)\n" " ")
words(in_workflow .github/workflows/checks.yml "platform: \\[([^]]+)\\]" ", ")
# The others are compared with x86-64, which each run begins with.
set(run_somewhere x86-64 ${in_run} ${in_workflow})
list(SORT platforms)
list(SORT run_somewhere)
if(NOT platforms STREQUAL run_somewhere)
    message(FATAL_ERROR "There are the platforms\n  ${platforms}\nand these are run by .ci/run or the workflow:\n  ${run_somewhere}")
endif()
file(READ ${SOURCE}/docs/platforms.md page)
foreach(platform IN LISTS platforms)
    if(NOT page MATCHES "`sh tests/run.sh --platforms ${platform}`")
        message(FATAL_ERROR "docs/platforms.md has no row of ${platform}: run sh tests/run.sh --platforms ${platform}")
    endif()
endforeach()
