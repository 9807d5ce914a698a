# Trains twice on the same small images, with a program from the library's headers and one from the single header. The
# model files must be equal.
# cmake -D WHOLE=<program> -D SINGLE=<program> -D WORK=<folder> -P same_result.cmake

cmake_minimum_required(VERSION 3.21)

file(REMOVE_RECURSE ${WORK})
set(rows "")
foreach(label RANGE 9)
    math(EXPR before "${label} * 70")
    math(EXPR after "783 - ${before}")
    string(REPEAT ",0" ${before} dark)
    string(REPEAT ",0" ${after} rest)
    string(APPEND rows "${label}${dark},255${rest}\n")
endforeach()
file(WRITE ${WORK}/mnist_train.csv "${rows}")
file(WRITE ${WORK}/mnist_test.csv "${rows}")
foreach(kind IN ITEMS WHOLE SINGLE)
    file(MAKE_DIRECTORY ${WORK}/${kind})
    execute_process(COMMAND ${${kind}} ${WORK} WORKING_DIRECTORY ${WORK}/${kind}
                    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        message(FATAL_ERROR "${${kind}} failed:\n${output}")
    endif()
    file(SHA256 ${WORK}/${kind}/digits.safetensors hash_${kind})
endforeach()
if(NOT hash_WHOLE STREQUAL hash_SINGLE)
    message(FATAL_ERROR "The program from the single header trained another network")
endif()
