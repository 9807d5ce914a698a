# Each file here compiles as it is, and must not compile with MUST_FAIL defined, with its sentence among the errors.
# The sentence stands in the file's first line, behind "// expects: ".

file(GLOB cases CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
get_target_property(dependencies typenet INTERFACE_LINK_LIBRARIES)
set(include_folders ${PROJECT_SOURCE_DIR}/include)
foreach(dependency IN LISTS dependencies)
    if(TARGET ${dependency})
        get_target_property(folders ${dependency} INTERFACE_INCLUDE_DIRECTORIES)
        if(folders)
            list(APPEND include_folders ${folders})
        endif()
    endif()
endforeach()
list(REMOVE_DUPLICATES include_folders)
foreach(case IN LISTS cases)
    get_filename_component(name ${case} NAME_WE)
    add_test(NAME compile_fail/${name}
             COMMAND ${CMAKE_COMMAND} -D COMPILER=${CMAKE_CXX_COMPILER} -D SOURCE=${case} "-DINCLUDE=${include_folders}"
                     -P ${CMAKE_CURRENT_LIST_DIR}/check.cmake)
endforeach()
