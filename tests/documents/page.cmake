# Functions for tests that do what a page of the guide says. SOURCE is the project.

# open_page(NAME): next_block begins at the top of docs/guide/NAME.md.
function(open_page name)
    file(READ ${SOURCE}/docs/guide/${name}.md page)
    set(page "${page}" PARENT_SCOPE)
endfunction()

# next_block(OUT LANGUAGE): the page's next block of a language. What stands before its end is read no more.
function(next_block out language)
    string(FIND "${page}" "\n```${language}\n" begin)
    if(begin EQUAL -1)
        message(FATAL_ERROR "the page has no further block of ${language}")
    endif()
    string(LENGTH "\n```${language}\n" length)
    math(EXPR begin "${begin} + ${length}")
    string(SUBSTRING "${page}" ${begin} -1 rest)
    string(FIND "${rest}" "\n```\n" end)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" 0 ${end} block)
    string(SUBSTRING "${rest}" ${end} -1 rest)
    set(${out} "${block}" PARENT_SCOPE)
    set(page "${rest}" PARENT_SCOPE)
endfunction()

# run(COMMANDS FOLDER): sets output.
function(run commands folder)
    execute_process(COMMAND sh -e -c "${commands}" WORKING_DIRECTORY ${folder}
                    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        message(FATAL_ERROR "failed:\n${commands}\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()
