# Compiles the C++ examples of documents and of headers: every block between ```cpp and ```, in a header inside a
# comment of /// lines. Errors name file and line of the block.
#   - A block with an int main is a program: it is compiled alone, so that it must include what it needs.
#   - A block that begins with the line // NAME.hpp is a header, which later programs of the document may include.
#   - The other blocks become functions of one file, below the names of prelude.hpp and all public headers; #include
#     lines are moved above the functions. In a document with the line <!-- one function -->, they become one function,
#     so that a block can use what those before it declare.
# Each name in ENTRY_POINTS must have an example in the comment right before its declaration.
# cmake -D SOURCE=<project> -D FILES=README.md;... -D ENTRY_POINTS=fit;... -D COMPILER=... -D INCLUDE=folder;...
#       -D WORK=folder -P check.cmake

cmake_minimum_required(VERSION 3.21)

set(command ${COMPILER} -std=c++20 -fsyntax-only -Wno-unused-result -I ${CMAKE_CURRENT_LIST_DIR} -I ${WORK})
foreach(folder IN LISTS INCLUDE)
    if(NOT folder STREQUAL "/usr/include")  # the compiler has it already, in its own place
        list(APPEND command -I ${folder})
    endif()
endforeach()

# compile(FILE): stops the test with the compiler's errors.
function(compile file)
    execute_process(COMMAND ${command} ${file} RESULT_VARIABLE failed ERROR_VARIABLE errors)
    if(failed)
        message(FATAL_ERROR "An example doesn't compile:\n${errors}")
    endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(GLOB_RECURSE headers RELATIVE ${SOURCE}/include ${SOURCE}/include/*.hpp)
list(FILTER headers EXCLUDE REGEX "/detail/")
set(includes "")
foreach(header IN LISTS headers)
    string(APPEND includes "#include <${header}>\n")
endforeach()

set(programs 0)
set(fragments 0)
set(functions "")
set(explained "")  # the declarations that follow a comment with an example
foreach(name IN LISTS FILES)
    file(READ ${SOURCE}/${name} text)
    set(mark "\n")  # what stands before the ``` of a block
    if(name MATCHES "\\.hpp$")
        set(mark "/// ")
    endif()
    set(is_one_function FALSE)
    if(text MATCHES "\n<!-- one function -->\n")
        set(is_one_function TRUE)
    endif()
    set(file_blocks "")
    set(line 1)  # the line of the file in which `text` begins
    while(TRUE)
        string(FIND "${text}" "${mark}```cpp\n" first)
        if(first EQUAL -1)
            break()
        endif()
        string(LENGTH "${mark}```cpp\n" length)
        math(EXPR first "${first} + ${length}")
        string(SUBSTRING "${text}" 0 ${first} before)
        string(SUBSTRING "${text}" ${first} -1 text)
        string(FIND "${text}" "${mark}```\n" length)
        string(REGEX REPLACE "[^\n]" "" newlines "${before}")
        string(LENGTH "${newlines}" newlines)
        math(EXPR line "${line} + ${newlines}")
        if(length EQUAL -1)
            message(FATAL_ERROR "${name}:${line}: this block has no end")
        endif()
        string(SUBSTRING "${text}" 0 ${length} block)
        string(SUBSTRING "${text}" ${length} -1 text)
        set(block_line ${line})
        string(REGEX REPLACE "[^\n]" "" newlines "${block}")
        string(LENGTH "${newlines}" newlines)
        math(EXPR line "${line} + ${newlines}")

        if(name MATCHES "\\.hpp$")
            string(REGEX REPLACE "(^|\n) *///( |\n|$)" "\\1" block "${block}")
            string(REGEX MATCH "\n( *///[^\n]*\n)*([^;{]*)" declaration "${text}")
            string(APPEND explained "${CMAKE_MATCH_2};\n")
        endif()
        set(block_begin "${block}")
        set(block "#line ${block_line} \"${SOURCE}/${name}\"\n${block}\n")
        if(block_begin MATCHES "^// ([a-z_]+\\.hpp)\n")
            file(WRITE ${WORK}/${CMAKE_MATCH_1} "${block}")
        elseif(block MATCHES "int main")
            math(EXPR programs "${programs} + 1")
            file(WRITE ${WORK}/program${programs}.cpp "${block}")
            compile(${WORK}/program${programs}.cpp)
        else()
            math(EXPR fragments "${fragments} + 1")
            string(REGEX MATCHALL "#include [^\n]*\n" moved "${block}")
            list(JOIN moved "" moved)
            string(APPEND includes "${moved}")
            string(REGEX REPLACE "#include [^\n]*\n" "\n" block "${block}")
            if(is_one_function)
                string(APPEND file_blocks "${block}")
            else()
                string(APPEND functions "void fragment${fragments}() {\n${block}}\n")
            endif()
        endif()
    endwhile()
    if(is_one_function)
        string(APPEND functions "void document${fragments}() {\n${file_blocks}}\n")
    endif()
endforeach()

if(programs EQUAL 0 AND fragments EQUAL 0)
    message(FATAL_ERROR "These files hold no example: ${FILES}")
endif()
file(WRITE ${WORK}/fragments.cpp "${includes}#include \"prelude.hpp\"\n${functions}")
compile(${WORK}/fragments.cpp)

set(missing "")
foreach(entry_point IN LISTS ENTRY_POINTS)
    # Types begin with a capital, functions don't.
    if(NOT explained MATCHES "(class|struct|using) ${entry_point}[ ;:\n]" AND NOT explained MATCHES "[ \n]${entry_point}\\(")
        list(APPEND missing ${entry_point})
    endif()
endforeach()
if(missing)
    message(FATAL_ERROR "These need an example (/// ```cpp ... /// ```) in the comment before their declaration: ${missing}")
endif()
message(STATUS "${programs} programs and ${fragments} shorter examples compile")
