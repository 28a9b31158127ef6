# Builds the libraries of the other systems, on Linux on x86-64, beside the build for this one:
#
#     cmake -DBUILD_DIR=DIR -DOUTPUT_DIR=DIR -P native/cmake/natives.cmake
#
# Needs of Debian gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, gcc-mingw-w64-x86-64, clang-19, lld-19,
# llvm-19.
cmake_minimum_required(VERSION 3.25)
foreach(directory BUILD_DIR OUTPUT_DIR)
    if("${${directory}}" STREQUAL "")
        message(FATAL_ERROR "-D${directory}=DIR is missing")
    endif()
endforeach()
cmake_host_system_information(RESULT processors QUERY NUMBER_OF_LOGICAL_CORES)
foreach(toolchain aarch64-linux-gnu x86_64-w64-mingw32 x86_64-macos aarch64-macos)
    set(build "${BUILD_DIR}/${toolchain}")
    execute_process(
        COMMAND "${CMAKE_COMMAND}" --log-level=NOTICE -S "${CMAKE_CURRENT_LIST_DIR}/../.." -B "${build}"
                "-DCMAKE_TOOLCHAIN_FILE=${CMAKE_CURRENT_LIST_DIR}/${toolchain}.cmake"
                -DCMAKE_BUILD_TYPE=Release -DDROPFUSE_TESTS=OFF -DDROPFUSE_CUDA=OFF
                "-DDROPFUSE_OUTPUT_DIR=${OUTPUT_DIR}"
        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    execute_process(
        COMMAND "${CMAKE_COMMAND}" --build "${build}" --parallel ${processors}
        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
