# Checks the includes of all headers against docs/design.md, part "The rooms":
#   - the table of rooms: a header includes only headers of its own room and of the rooms in its row,
#   - the drawing: each room stands on one floor, and includes only rooms on lower floors,
#   - the table of outside headers: only the files named there include them,
#   - each header opens the namespace by the macro of core/namespace.hpp,
#   - numbers that are not finite are told, and made, by core/finite.hpp alone, which knows how with -ffast-math.
# A header that uses a common name of the standard library includes the header that has it: which others bring it along
# differs between libraries.
# cmake -D SOURCE=<project> -P check.cmake

cmake_minimum_required(VERSION 3.21)

set(errors "")
file(READ ${SOURCE}/docs/design.md text)
string(REGEX REPLACE "^.*\n## The rooms\n" "" text "${text}")
string(REGEX REPLACE "\n## .*$" "\n" text "${text}")
string(REPLACE ";" "," text "${text}")
string(REPLACE "[" "(" text "${text}")
string(REPLACE "]" ")" text "${text}")
string(REPLACE "\n" ";" lines "${text}")

# names(OUT TEXT): what stands between backquotes in TEXT, without a slash at the end.
function(names out text)
    string(REGEX MATCHALL "`[^`]+`" found "${text}")
    list(TRANSFORM found REPLACE "`" "")
    list(TRANSFORM found REPLACE "/$" "")
    set(${out} ${found} PARENT_SCOPE)
endfunction()

set(rooms "")
set(outside "")
set(drawn "")
set(table "")
foreach(line IN LISTS lines)
    if(line MATCHES "^\\| ([A-Z][a-z ]+) \\|")
        set(table "${CMAKE_MATCH_1}")
    elseif(line MATCHES "^\\| (`[^|]+`) \\|.*\\|([^|]*)\\|$")
        set(last_column "${CMAKE_MATCH_2}")
        names(key "${CMAKE_MATCH_1}")
        names(values "${last_column}")
        if(table STREQUAL "Room")
            list(APPEND rooms ${key})
            set(allowed_${key} ${values})
        elseif(table STREQUAL "Outside header")
            foreach(header IN LISTS key)
                list(APPEND outside ${header})
                set(places_${header} ${values})
            endforeach()
        endif()
    elseif(line MATCHES "^([0-9]+)  (.*)$")
        set(floor ${CMAKE_MATCH_1})
        string(REGEX MATCHALL "[a-z_]+" here "${CMAKE_MATCH_2}")
        list(APPEND drawn ${here})
        foreach(room IN LISTS here)
            set(floor_${room} ${floor})
        endforeach()
    endif()
endforeach()
if(NOT rooms OR NOT outside OR NOT drawn)
    message(FATAL_ERROR "docs/design.md, part \"The rooms\", no longer has the two tables and the drawing")
endif()

set(sorted_rooms ${rooms})
set(sorted_drawn ${drawn})
list(SORT sorted_rooms)
list(SORT sorted_drawn)
if(NOT sorted_rooms STREQUAL sorted_drawn)
    list(APPEND errors "the table has the rooms ${sorted_rooms}, the drawing ${sorted_drawn}")
endif()
foreach(room IN LISTS rooms)
    foreach(other IN LISTS allowed_${room})
        if(NOT other IN_LIST rooms)
            list(APPEND errors "the row of ${room} names ${other}, which has no row")
        elseif(NOT floor_${other} LESS floor_${room})
            list(APPEND errors "${room} may include ${other}, which the drawing doesn't put on a lower floor")
        endif()
    endforeach()
endforeach()

# Common names of the standard library, behind the header that has them. Names that several headers have are left out.
set(standard_names
    "algorithm all_of any_of clamp copy copy_n count_if equal fill fill_n find find_if lower_bound max max_element min"
    "algorithm minmax none_of sort stable_sort transform upper_bound"
    "array array to_array"
    "atomic atomic memory_order_acquire memory_order_relaxed memory_order_release"
    "bit bit_cast bit_width countr_zero endian has_single_bit popcount"
    "charconv chars_format from_chars to_chars"
    "chrono chrono"
    "cmath abs ceil cos exp floor fma log pow round sqrt tanh"
    "concepts constructible_from convertible_to derived_from floating_point integral invocable same_as"
    "cstddef byte nullptr_t ptrdiff_t size_t"
    "cstdint int16_t int32_t int64_t int8_t uint16_t uint32_t uint64_t uint8_t"
    "cstdio FILE fclose fopen fread fwrite snprintf"
    "cstring memchr memcmp memcpy memmove memset"
    "exception current_exception exception exception_ptr rethrow_exception"
    "filesystem filesystem"
    "fstream ifstream ofstream"
    "functional function invoke plus"
    "limits numeric_limits"
    "map map"
    "memory make_shared make_unique shared_ptr unique_ptr"
    "mutex mutex scoped_lock unique_lock"
    "numbers numbers"
    "numeric accumulate iota"
    "optional nullopt optional"
    "span as_bytes dynamic_extent span"
    "string string to_string u8string wstring"
    "string_view string_view u8string_view"
    "system_error errc error_code generic_category system_error"
    "thread this_thread thread"
    "tuple apply make_tuple tie tuple"
    "type_traits conditional_t decay_t invoke_result_t is_base_of_v is_invocable_v is_same_v is_trivially_copyable_v"
    "type_traits make_unsigned_t remove_const_t remove_cvref_t remove_reference_t type_identity underlying_type_t"
    "utility declval exchange forward index_sequence make_index_sequence move pair swap"
    "variant variant visit"
    "vector vector")
foreach(row IN LISTS standard_names)
    string(REPLACE " " ";" names "${row}")
    list(POP_FRONT names owner)
    foreach(name IN LISTS names)
        set(owner_of_${name} ${owner})
    endforeach()
endforeach()

file(GLOB_RECURSE headers RELATIVE ${SOURCE}/include/typenet ${SOURCE}/include/typenet/*.hpp)
set(used "")
foreach(header IN LISTS headers)
    if(header STREQUAL "typenet.hpp")
        continue()  # it includes whatever users need most often
    endif()
    string(REGEX REPLACE "(/.*|\\.hpp)$" "" room ${header})
    if(NOT room IN_LIST rooms)
        list(APPEND errors "${header} stands in a room that the table doesn't have")
        continue()
    endif()
    file(STRINGS ${SOURCE}/include/typenet/${header} spaces REGEX "^namespace typenet")
    if(spaces AND NOT header STREQUAL "version.hpp")
        list(APPEND errors "${header}: write `namespace TYPENET {` and include core/namespace.hpp, which says why")
    endif()
    # header_columns.hpp has such a word in the text of a header that it writes.
    if(NOT header MATCHES "^(core/finite|io/detail/header_columns)\\.hpp$")
        file(STRINGS ${SOURCE}/include/typenet/${header} words
             REGEX "(std::isfinite|std::isnan|std::isinf|std::isnormal|std::fpclassify|infinity|quiet_NaN|std::nanf?)\\(|HUGE_VAL")
        if(words)
            list(APPEND errors "${header}: ${words}: use core/finite.hpp")
        endif()
    endif()
    file(READ ${SOURCE}/include/typenet/${header} code)
    string(REGEX REPLACE "R\"\\(.*\\)\"" "" code "${code}")
    string(REGEX REPLACE "\"([^\"\\\n]|\\\\.)*\"|//[^\n]*" "" code "${code}")
    string(REGEX MATCHALL "std::[A-Za-z0-9_]+" names "${code}")
    list(REMOVE_DUPLICATES names)
    foreach(name IN LISTS names)
        string(REPLACE "std::" "" name ${name})
        if(DEFINED owner_of_${name} AND NOT code MATCHES "include <${owner_of_${name}}>")
            list(APPEND errors "${header} uses std::${name} without <${owner_of_${name}}>")
        endif()
    endforeach()
    file(STRINGS ${SOURCE}/include/typenet/${header} includes REGEX "^ *# *include ")
    foreach(include IN LISTS includes)
        if(NOT include MATCHES "[<\"]([^>\"]+)[>\"]")
            list(APPEND errors "${header}: can't read ${include}")
            continue()
        endif()
        set(included "${CMAKE_MATCH_1}")
        if(included MATCHES "^typenet/(.*)$")
            string(REGEX REPLACE "(/.*|\\.hpp)$" "" other ${CMAKE_MATCH_1})
            if(NOT other STREQUAL room AND NOT other IN_LIST allowed_${room})
                list(APPEND errors "${header} includes ${included}, but ${room} may not include ${other}")
            endif()
            list(APPEND used "${room}>${other}")
            continue()
        endif()
        foreach(pattern IN LISTS outside)
            if(included STREQUAL pattern OR included MATCHES "^${pattern}/")
                set(found FALSE)
                foreach(place IN LISTS places_${pattern})
                    if(header STREQUAL place OR header MATCHES "^${place}/")
                        set(found TRUE)
                    endif()
                endforeach()
                if(NOT found)
                    list(APPEND errors "${header} includes <${included}>, which only ${places_${pattern}} may")
                endif()
                list(APPEND used "${pattern}")
            endif()
        endforeach()
    endforeach()
endforeach()

# What nobody uses is no rule but a leftover.
foreach(room IN LISTS rooms)
    foreach(other IN LISTS allowed_${room})
        if(NOT "${room}>${other}" IN_LIST used)
            list(APPEND errors "${room} may include ${other}, but no header does: take it out of the table")
        endif()
    endforeach()
endforeach()

if(errors)
    list(JOIN errors "\n  " errors)
    message(FATAL_ERROR "Includes and docs/design.md don't agree:\n  ${errors}")
endif()
list(LENGTH headers count)
message(STATUS "${count} headers keep to the rooms")
