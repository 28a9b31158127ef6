# Build for musl, on Debian: musl-tools. The tests run as they are. The library that is shipped is
# the one for glibc, which musl loads too.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER musl-gcc)
