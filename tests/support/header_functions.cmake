# The functions that header_source.hpp and whole_header_source.hpp write into exported headers, as headers that tests
# include from the folder made.
foreach(kind IN ITEMS header whole_header)
    set(header_source ${CMAKE_CURRENT_LIST_DIR}/../../include/typenet/io/detail/${kind}_source.hpp)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header_source})
    file(READ ${header_source} functions)
    string(REGEX REPLACE "^.*R\"\\(|\\)\".*$" "" functions "${functions}")
    file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/made/${kind}_functions.hpp
         CONTENT "#include <cstddef>\n#include <cstdint>\nnamespace ${kind}_functions {\n${functions}}\n")
endforeach()
