# Installs the headers, a package for find_package(typenet), a file for pkg-config, and what shows types in debuggers.
# Nothing of it depends on the processor, so all of it is in include and share.

include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_DATADIR}/cmake/typenet)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/typenet-config.cmake.in
                              ${PROJECT_BINARY_DIR}/typenet-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/typenet-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/typenet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/.debugger/ DESTINATION ${CMAKE_INSTALL_DATADIR}/typenet)
install(TARGETS typenet EXPORT typenet-targets)
install(EXPORT typenet-targets NAMESPACE typenet:: DESTINATION ${package_folder})
export(EXPORT typenet-targets NAMESPACE typenet::)  # for a project around this one that does so too
install(FILES ${PROJECT_BINARY_DIR}/typenet-config.cmake ${PROJECT_BINARY_DIR}/typenet-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/typenet-build-type.cmake
        DESTINATION ${package_folder})

# pkg-config can't look for optional libraries: it names those that there were when the library was configured.
set(required_packages xtl xtensor)
if(TYPENET_HAS_XSIMD)
    list(APPEND required_packages xsimd)
endif()
if(TYPENET_HAS_ZLIB)
    list(APPEND required_packages zlib)
endif()
list(JOIN required_packages " " required_packages)
file(RELATIVE_PATH headers ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig ${CMAKE_INSTALL_FULL_INCLUDEDIR})
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/typenet.pc CONTENT
"includedir=\${pcfiledir}/${headers}

Name: typenet
Description: ${PROJECT_DESCRIPTION}
Version: ${PROJECT_VERSION}
Requires: ${required_packages}
Cflags: -I\${includedir} -D$<JOIN:$<TARGET_PROPERTY:typenet,INTERFACE_COMPILE_DEFINITIONS>, -D>
Libs: -pthread
")
install(FILES ${PROJECT_BINARY_DIR}/typenet.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)

# `cpack -G DEB` in the build folder makes a Debian package.
if(PROJECT_IS_TOP_LEVEL)
    set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # headers need no build before they are installed
    set(depends xtl-dev "libxtensor-dev (>= 0.24.3)" "libxtensor-dev (<< 0.28)")
    if(TYPENET_HAS_XSIMD)
        list(APPEND depends libxsimd-dev)
    endif()
    if(TYPENET_HAS_ZLIB)
        list(APPEND depends zlib1g-dev)
    endif()
    list(JOIN depends ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
    set(CPACK_GENERATOR DEB)
    set(CPACK_PACKAGE_CONTACT "the typenet authors")
    set(CPACK_PACKAGE_DESCRIPTION "Neural networks as C++ types: the compiler checks sizes, wiring and losses.")
    set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
    configure_file(${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_BINARY_DIR}/debian/copyright COPYONLY)
    set(CPACK_INSTALLED_DIRECTORIES ${PROJECT_BINARY_DIR}/debian usr/share/doc/libtypenet-dev)
    set(CPACK_DEBIAN_PACKAGE_NAME libtypenet-dev)
    set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE all)
    set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
    set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
    set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
    include(CPack)
endif()
