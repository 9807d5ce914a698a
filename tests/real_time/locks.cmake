# Predictions of one row take no lock: their object refers to no function that locks, waits or starts threads.
# cmake -D NM=... -D ANSWERS=<object of answers.cpp> -D MAIN=<object of main.cpp, which does> -P locks.cmake

cmake_minimum_required(VERSION 3.21)

# functions(OUT OBJECT): the functions with locks that OBJECT refers to. A static variable of a function has a guard.
function(functions out object)
    execute_process(COMMAND ${NM} -u ${object} OUTPUT_VARIABLE names COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[^ \n]*(pthread|mutex|condition_variable|futex|syscall|6thread|guard_acquire)[^\n]*" found "${names}")
    set(${out} ${found} PARENT_SCOPE)
endfunction()

functions(in_answers ${ANSWERS})
functions(in_main ${MAIN})
if(in_answers)
    list(JOIN in_answers "\n  " in_answers)
    message(FATAL_ERROR "predictions of one row may call\n  ${in_answers}")
endif()
if(NOT in_main)
    message(FATAL_ERROR "${NM} finds no locks in predictions of many rows, which have them")
endif()
