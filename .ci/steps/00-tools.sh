# Programs that the longer checks need; what users need is for the README to say.
missing=()
command -v python3 > /dev/null || missing+=(python3)
command -v aarch64-linux-gnu-gcc > /dev/null || missing+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
command -v qemu-aarch64 > /dev/null || missing+=(qemu-user)
command -v c++ > /dev/null || missing+=(g++)
command -v objdump > /dev/null || missing+=(binutils)
[ -d /usr/lib/llvm-19/lib/clang/19/lib ] || missing+=(clang-19 libclang-rt-19-dev)
command -v ld64.lld-19 > /dev/null || missing+=(lld-19)
command -v llvm-readobj-19 > /dev/null || missing+=(llvm-19)
command -v musl-gcc > /dev/null || missing+=(musl-tools)
command -v aarch64-linux-musl-gcc > /dev/null || missing+=(musl-dev:arm64)
command -v zsh > /dev/null || missing+=(zsh)
command -v fish > /dev/null || missing+=(fish)
command -v ccache > /dev/null || missing+=(ccache)

install_tools() {
    case "${missing[*]}" in *:arm64*) dpkg --add-architecture arm64 ;; esac
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}
if [ ${#missing[@]} -gt 0 ]; then
    step "install ${missing[*]}" install_tools
fi

# Many steps build the library in a clone of their own: a file is compiled once in a run. Steps that look
# for traces of where something was built do without.
if command -v ccache > /dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache CCACHE_DIR=$work/ccache CCACHE_BASEDIR=/
fi
