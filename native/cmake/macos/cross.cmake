# Cross build for macOS, on Debian: clang-19, lld-19 and llvm-19. Nothing of Apple's is needed: the
# few functions of its C library that the library calls are declared in include/ and named in
# libSystem.tbd. On a Mac its own SDK is used, and none of this. The tests need a Mac.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_C_COMPILER_TARGET ${CMAKE_SYSTEM_PROCESSOR}-apple-macos11)
set(CMAKE_AR llvm-ar-19 CACHE FILEPATH "Archiver for Mach-O")
set(CMAKE_RANLIB llvm-ranlib-19 CACHE FILEPATH "Indexer of archives for Mach-O")
set(CMAKE_INSTALL_NAME_TOOL llvm-install-name-tool-19 CACHE FILEPATH "Editor of Mach-O's names")
set(CMAKE_C_FLAGS_INIT "-nostdlibinc -isystem \"${CMAKE_CURRENT_LIST_DIR}/include\"")
set(CMAKE_SHARED_LINKER_FLAGS_INIT
    "-fuse-ld=lld -nostdlib \"-L${CMAKE_CURRENT_LIST_DIR}\" -lSystem")
set(CMAKE_INSTALL_NAME_DIR @rpath)
set(CMAKE_BUILD_WITH_INSTALL_NAME_DIR ON) # not a path of this machine
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # there is no SDK to link a program with
set(DROPFUSE_TESTS OFF CACHE BOOL "Build the tests that ctest runs")
