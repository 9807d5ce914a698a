# Installs the headers and a package for find_package(typenet).

include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/typenet)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/typenet-config.cmake.in
                              ${PROJECT_BINARY_DIR}/typenet-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/typenet-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/typenet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/.debugger/ DESTINATION ${CMAKE_INSTALL_DATADIR}/typenet)
install(TARGETS typenet EXPORT typenet-targets)
install(EXPORT typenet-targets NAMESPACE typenet:: DESTINATION ${package_folder})
install(FILES ${PROJECT_BINARY_DIR}/typenet-config.cmake ${PROJECT_BINARY_DIR}/typenet-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/typenet-build-type.cmake
        DESTINATION ${package_folder})
