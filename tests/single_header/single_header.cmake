# The single header alone, without include/, is enough for a program and for test files: each typenet/<name>.hpp that
# these include is here a file that includes the single header. Made while configuring, so that no target runs without it.

set(single_header_folder ${CMAKE_CURRENT_BINARY_DIR}/single_header)
set(single_header ${single_header_folder}/typenet-single.hpp)
file(REMOVE_RECURSE ${single_header_folder})
foreach(header IN LISTS headers)
    file(WRITE ${single_header_folder}/${header} "#include <typenet-single.hpp>\n")
endforeach()
list(TRANSFORM headers PREPEND ${PROJECT_SOURCE_DIR}/include/ OUTPUT_VARIABLE headers_in_project)
set(single_header_script ${PROJECT_SOURCE_DIR}/.cmake/single_header.cmake)
add_custom_command(OUTPUT ${single_header} VERBATIM
                   COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D OUTPUT=${single_header} -P ${single_header_script}
                   DEPENDS ${single_header_script} ${headers_in_project})

add_executable(single_header_quickstart ${PROJECT_SOURCE_DIR}/examples/quickstart.cpp ${single_header})
add_executable(single_header_tests main.cpp typenet.cpp network/mlp.cpp train/callback.cpp support/allocations.cpp
                                   ${single_header})
target_link_libraries(single_header_tests PRIVATE doctest::doctest)
target_compile_definitions(single_header_tests PRIVATE MNIST_WEB_FOLDER="")
foreach(program IN ITEMS single_header_quickstart single_header_tests)
    target_compile_features(${program} PRIVATE cxx_std_20)
    target_include_directories(${program} PRIVATE ${single_header_folder} ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${program} PRIVATE ${TYPENET_DEPENDENCIES})
    typenet_program_options(${program})
endforeach()

add_test(NAME single_header/suites COMMAND single_header_tests)
add_test(NAME single_header/quickstart
         COMMAND ${CMAKE_COMMAND} -D WHOLE=$<TARGET_FILE:quickstart> -D SINGLE=$<TARGET_FILE:single_header_quickstart>
                 -D WORK=${single_header_folder}/run -P ${CMAKE_CURRENT_LIST_DIR}/same_result.cmake)
