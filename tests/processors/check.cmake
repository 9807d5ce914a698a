# Links two objects of the same source, for every x86-64 and for x86-64-v3, to one program, and runs it on a processor
# without AVX:
#   - no function or variable of the library has the same name in both objects,
#   - the program runs where the object for every x86-64 comes first,
#   - and in the other order, where the names that the other object shares are its own (docs/robustness.md).
# cmake -D COMPILER=... -D LINKER=... -D NM=... -D OBJCOPY=... -D EMULATOR=<qemu-x86_64, or nothing> -D MAIN=<object>
#       -D PLAIN=<object> -D V3=<object> -D WORK=<folder> -P check.cmake

cmake_minimum_required(VERSION 3.21)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        message(FATAL_ERROR "${ARGN} failed: ${failed}\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

# weak_names(OUT OBJECT): the library's names in OBJECT of which a linker keeps one copy.
function(weak_names out object)
    run(${NM} --defined-only ${object})
    string(REGEX MATCHALL " [VWu] [^\n]*7typenet[^\n]*" found "${output}")
    list(TRANSFORM found REPLACE "^ . " "")
    set(${out} ${found} PARENT_SCOPE)
endfunction()

weak_names(plain_names ${PLAIN})
weak_names(v3_names ${V3})
if(NOT plain_names OR NOT v3_names)
    message(FATAL_ERROR "${NM} finds no names of the library")
endif()
set(common "")
foreach(name IN LISTS plain_names)
    if(name IN_LIST v3_names)
        list(APPEND common ${name})
    endif()
endforeach()
if(common)
    list(JOIN common "\n  " common)
    message(FATAL_ERROR "A linker would keep one copy for both processors of\n  ${common}")
endif()

file(MAKE_DIRECTORY ${WORK})
run(${LINKER} -r --force-group-allocation ${V3} -o ${WORK}/joined.o)
run(${OBJCOPY} --keep-global-symbol=_ZN9x86_64_v35trainEv ${WORK}/joined.o ${WORK}/v3.o)
run(${COMPILER} ${MAIN} ${PLAIN} ${V3} -pthread -o ${WORK}/plain_first)
run(${COMPILER} ${MAIN} ${WORK}/v3.o ${PLAIN} -pthread -o ${WORK}/v3_first)
foreach(program IN ITEMS plain_first v3_first)
    run(${WORK}/${program})
    if(EMULATOR)
        run(${EMULATOR} -cpu Nehalem ${WORK}/${program})
        if(NOT output MATCHES "every x86-64\n$")
            message(FATAL_ERROR "${program} took the part for another processor:\n${output}")
        endif()
    endif()
endforeach()
if(NOT EMULATOR)
    message("skipped: there is no qemu-x86_64, so that nothing ran on a processor without AVX")
endif()
