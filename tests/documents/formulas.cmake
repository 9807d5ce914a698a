# Each activation, loss and layer is on the page of formulas, docs/mathematics.md, and has a gradient check in the tests
# beside it.
# cmake -D SOURCE=<project> -P formulas.cmake

cmake_minimum_required(VERSION 3.21)

file(READ ${SOURCE}/docs/mathematics.md formulas)
set(errors "")
set(count 0)

# need(NAME TEST CHECK): the page names NAME, and TEST has what the regular expression CHECK finds.
function(need name test check)
    math(EXPR count "${count} + 1")
    if(NOT formulas MATCHES "`${name}`|\\*\\*${name}\\.\\*\\*|\n##+ ${name}[ \n]")
        string(APPEND errors "\n  docs/mathematics.md has no formulas of ${name}")
    endif()
    set(text "")
    if(EXISTS ${SOURCE}/tests/${test})
        file(READ ${SOURCE}/tests/${test} text)
    endif()
    if(NOT text MATCHES "${check}")
        string(APPEND errors "\n  tests/${test} has no gradient check of ${name}")
    endif()
    set(errors "${errors}" PARENT_SCOPE)
    set(count ${count} PARENT_SCOPE)
endfunction()

# types_of(OUT HEADER): the public types of a header of formulas. A template such as LeakyReLUWith is tested by one of
# its types.
function(types_of out header)
    file(READ ${SOURCE}/include/typenet/${header} text)
    string(REGEX REPLACE "\ntemplate <[^\n]*\nstruct" "" text "${text}")
    string(REGEX MATCHALL "\n(struct|using) [A-Z][A-Za-z0-9]+" types "${text}")
    list(TRANSFORM types REPLACE "\n(struct|using) " "")
    set(${out} ${types} PARENT_SCOPE)
endfunction()

types_of(activations activations.hpp)
foreach(name IN LISTS activations)
    need(${name} activations.cpp "define ALL_ELEMENTWISE ([^\n]* )?${name}[,\n].*gradient_check_activation<A>|gradient_check_activation<${name}>")
endforeach()
types_of(losses losses.hpp)
foreach(name IN LISTS losses)
    need(${name} losses.cpp "gradient_check_loss.*passes\\(${name}\\{")
endforeach()
# A layer has a header of its own, such as layer_norm.hpp for LayerNorm.
file(GLOB layers RELATIVE ${SOURCE}/include/typenet/layers ${SOURCE}/include/typenet/layers/*.hpp)
foreach(header IN LISTS layers)
    get_filename_component(file ${header} NAME_WE)
    string(REPLACE "_" ";" words ${file})
    set(name "")
    foreach(word IN LISTS words)
        string(SUBSTRING ${word} 0 1 first)
        string(SUBSTRING ${word} 1 -1 others)
        string(TOUPPER ${first} first)
        string(APPEND name ${first}${others})
    endforeach()
    need(${name} layers/${file}.cpp "gradient_check(_layer<|\\()")
endforeach()

if(errors)
    message(FATAL_ERROR "Formulas and gradient checks:${errors}")
endif()
message(STATUS "${count} activations, losses and layers have formulas and gradient checks")
