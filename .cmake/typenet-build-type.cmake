# Warns once if a project that uses typenet sets no build type and so compiles without optimisation.
get_property(typenet_warned GLOBAL PROPERTY TYPENET_WARNED_OF_BUILD_TYPE)
if(NOT typenet_warned AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND NOT CMAKE_CXX_FLAGS MATCHES "-O")
    set_property(GLOBAL PROPERTY TYPENET_WARNED_OF_BUILD_TYPE TRUE)
    message(WARNING "typenet: no build type is set, so the compiler doesn't optimise and training takes hundreds of times "
                    "as long; configure with -D CMAKE_BUILD_TYPE=Release.")
endif()
