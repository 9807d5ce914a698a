# Each file here compiles as it is, and must not compile with MUST_FAIL defined. Its first line has the sentence that
# must be in one of the errors, "// expects: <sentence>", or in the first error, "// expects first: <sentence>".
# A line "// lines: at most <count>" below it limits the compiler's whole output.

set(precompiled ${CMAKE_CURRENT_BINARY_DIR}/compile_fail/typenet.hpp)
add_test(NAME compile_fail/precompile
         COMMAND ${CMAKE_COMMAND} -D COMPILER=${CMAKE_CXX_COMPILER} -D COMPILER_ID=${CMAKE_CXX_COMPILER_ID} -D HEADER=${precompiled}
                 "-DINCLUDE=${library_include_folders}" -P ${CMAKE_CURRENT_LIST_DIR}/precompile.cmake)
set_tests_properties(compile_fail/precompile PROPERTIES FIXTURES_SETUP precompiled)
file(GLOB cases CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
foreach(case IN LISTS cases)
    get_filename_component(name ${case} NAME_WE)
    add_test(NAME compile_fail/${name}
             COMMAND ${CMAKE_COMMAND} -D COMPILER=${CMAKE_CXX_COMPILER} -D SOURCE=${case} "-DINCLUDE=${library_include_folders}"
                     -D PRECOMPILED=${precompiled} -P ${CMAKE_CURRENT_LIST_DIR}/check.cmake)
    set_tests_properties(compile_fail/${name} PROPERTIES FIXTURES_REQUIRED precompiled)
endforeach()

add_test(NAME compile_fail/refused_options
         COMMAND ${CMAKE_COMMAND} -D COMPILER=${CMAKE_CXX_COMPILER} -D SOURCE=${PROJECT_SOURCE_DIR} "-DINCLUDE=${library_include_folders}"
                 -P ${CMAKE_CURRENT_LIST_DIR}/refused_options.cmake)
