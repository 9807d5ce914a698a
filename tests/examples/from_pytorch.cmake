# Trains a network with PyTorch, and runs the program that predicts with its weights: it succeeds with PyTorch's files,
# and fails where a row has other outputs, or labels or weights are missing. Without PyTorch the test is skipped.
# cmake -D PYTHON=<python3, or nothing> -D SCRIPT=<examples/python/from_pytorch.py> -D PROGRAM=... -D WORK=<folder>
#       -P from_pytorch.cmake

cmake_minimum_required(VERSION 3.21)

set(missing "there is no python3")
if(PYTHON)
    execute_process(COMMAND ${PYTHON} -c "import numpy, torch" RESULT_VARIABLE missing OUTPUT_QUIET ERROR_VARIABLE why)
    string(REGEX REPLACE ".*\n(.+)\n$" "\\1" why "${why}")
    if(missing)
        set(missing "${why}")
    endif()
endif()
if(missing)
    message("skipped: ${missing}")
    return()
endif()

# expect(RESULT TEXT): the program ends with RESULT, and says TEXT.
function(expect result text)
    execute_process(COMMAND ${PROGRAM} ${WORK} RESULT_VARIABLE found OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT found EQUAL result OR NOT output MATCHES "${text}")
        message(FATAL_ERROR "expected ${result} and \"${text}\"; the program ended with ${found}:\n${output}")
    endif()
    message("${output}")
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
execute_process(COMMAND ${PYTHON} -B ${SCRIPT} ${WORK} COMMAND_ERROR_IS_FATAL ANY)
expect(0 "^1000 rows: .*\n2400 kg/m3, 600 HV, 0.8 W/\\(m K\\): glass\n$")

file(STRINGS ${WORK}/materials.csv rows)
list(INSERT rows 1 "2400,600,0.8,0.5,0.25,0.25")  # other probabilities than PyTorch's
list(JOIN rows "\n" text)
file(WRITE ${WORK}/materials.csv "${text}\n")
expect(1 "the network predicts something else than PyTorch")
set(without_labels "import sys; from models import *; tensors, _ = read(sys.argv[1]); write(sys.argv[1], tensors)")
cmake_path(GET SCRIPT PARENT_PATH scripts)
execute_process(COMMAND ${PYTHON} -B -c "${without_labels}" ${WORK}/materials.safetensors WORKING_DIRECTORY ${scripts}
                COMMAND_ERROR_IS_FATAL ANY)
expect(1 "materials.safetensors: has no labels")
file(WRITE ${WORK}/materials.safetensors "")
expect(1 "materials.safetensors")
