# Cross build for musl on aarch64, on Debian: gcc-aarch64-linux-gnu, musl-dev:arm64 (after
# dpkg --add-architecture arm64), and qemu-user to run the tests.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-musl-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
