# Pastes what `inspect` prints into programs, and runs them: one loads a CSV file and saves a network of its columns, the
# next one loads that network.
# cmake -D PROGRAM=<inspect> -D COMPILER=... -D INCLUDE=folder;... -D WORK=folder -P paste_test.cmake

cmake_minimum_required(VERSION 3.21)

# inspect(TYPES ARGUMENTS...): sets TYPES to the C++ that the program prints.
function(inspect types)
    execute_process(COMMAND ${PROGRAM} ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed)
        message(FATAL_ERROR "inspect ${ARGN}:\n${output}")
    endif()
    string(REGEX REPLACE "^.*\n\n" "" output "${output}")
    set(${types} "${output}" PARENT_SCOPE)
endfunction()

# run(NAME CODE OUTPUT): compiles a program with this main, runs it and compares what it prints.
function(run name code expected)
    file(WRITE ${WORK}/${name}.cpp "#include <iostream>\n#include <typenet/io/safetensors.hpp>\n"
         "#include <typenet/typenet.hpp>\nusing namespace typenet;\nint main() {\n${code}}\n")
    list(TRANSFORM INCLUDE PREPEND -I OUTPUT_VARIABLE folders)
    list(REMOVE_ITEM folders -I/usr/include)  # the compiler has it already, in its own place
    execute_process(COMMAND ${COMPILER} -std=c++20 -D TYPENET_USE_ZLIB=0 -D TYPENET_USE_XSIMD=0 ${folders}
                            ${WORK}/${name}.cpp -o ${WORK}/${name} -pthread
                    RESULT_VARIABLE failed ERROR_VARIABLE errors)
    if(failed)
        message(FATAL_ERROR "${name} doesn't compile:\n${errors}")
    endif()
    execute_process(COMMAND ${WORK}/${name} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(failed OR NOT output STREQUAL expected)
        message(FATAL_ERROR "${name} ends with ${failed} and prints\n${output}instead of\n${expected}")
    endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
# Decimal commas, a comment, missing values, a name with quotes, and columns of no use.
file(WRITE ${WORK}/cars.csv
     "# used cars\n"
     "id;age;\"a \"\"b\"\" \\ c\";fuel;seen;maker;sold\n"
     "1;3,5;1;gas;2024-01-01;x;no\n"
     "2;NA;2;diesel;2024-01-02;x;yes\n"
     "3;7;4;;2024-01-03;x;yes\n"
     "4;1;3;gas;2024-01-04;x;no\n")
inspect(types ${WORK}/cars.csv)
run(columns "${types}
    Mlp<float, Row, Standardize, Dense<3, ReLU>, Dense<1, Sigmoid>> net(Seed{1});
    standardize(net, data);
    save(net, \"${WORK}/cars.safetensors\");
    std::cout << data.size() << ' ' << Row::width << ' ' << data.row(0)(0) << ' ' << data.label(1) << '\\n';
" "4 5 3.5 1\n")
inspect(types ${WORK}/cars.safetensors)
run(network "${types}
    Net net;
    load(net, \"${WORK}/cars.safetensors\");
    std::cout << (net.parameters()[1] == 2.5F) << ' ' << Net::parameter_count << '\\n';
" "1 32\n")

# A file without a header, and numbers to be predicted.
file(WRITE ${WORK}/plain.txt "b 1.5 10.5\na 2.5 20\nb 4 30\n")
inspect(types ${WORK}/plain.txt)
run(plain "${types}
    std::cout << data.size() << ' ' << Row::width << ' ' << data.target(1)[0] << '\\n';
" "3 3 20\n")
inspect(types ${WORK}/plain.txt --label "column 0")
run(plain_label "${types}
    std::cout << data.size() << ' ' << Row::width << ' ' << data.label(2) << '\\n';
" "3 2 1\n")

# Each error is one sentence, and exit code 1.
foreach(arguments IN ITEMS "" "${WORK}/none.csv" "${WORK}/plain.txt;--label;x" "${WORK}/plain.txt;--header;maybe"
                           "${WORK}/plain.txt;--delimiter;ab" "${WORK}/plain.txt;--skip-lines;-1")
    execute_process(COMMAND ${PROGRAM} ${arguments} RESULT_VARIABLE result OUTPUT_VARIABLE ignored ERROR_VARIABLE error)
    if(NOT result EQUAL 1 OR NOT error MATCHES "^inspect: [^\n]+\n$")
        message(FATAL_ERROR "inspect ${arguments} ends with ${result} and the error\n${error}")
    endif()
endforeach()
execute_process(COMMAND ${PROGRAM} --help RESULT_VARIABLE result OUTPUT_VARIABLE help)
if(result OR NOT help MATCHES "--label")
    message(FATAL_ERROR "inspect --help ends with ${result} and prints\n${help}")
endif()
