# CUDA against a driver that executes PTX on the CPU, which stands beside the project, and without nvcc.
cuda_emulated() {
    cp -r "$root/../shared/ptx-driver" "$work/ptx-driver"
    chmod -R u+w "$work/ptx-driver"
    make -s -C "$work/ptx-driver"
    cd "$root"
    mvn -q test -Dtest='Cuda*Test,HugeRangeTest' -Dsurefire.failIfNoSpecifiedTests=false -Dskip.native.tests=true \
        -Ddropfuse.test.cuda=required "-Ddropfuse.cuda.driver=$work/ptx-driver/build/libcuda.so.1"
    DROPFUSE_CUDA_DRIVER=$work/ptx-driver/build/libcuda.so.1 \
        native/cuda/properties.sh 90 "$(find "$root/target/classes/META-INF/native" -name 'libdropfuse.so')"
}
if [ ! -d "$root/../shared/ptx-driver" ]; then
    skip "CUDA tests against the emulating driver" "it is not at ../shared/ptx-driver"
elif ! command -v nvcc > /dev/null; then
    skip "CUDA tests against the emulating driver" "there is no nvcc to build the kernels"
else
    step "CUDA tests against the emulating driver" cuda_emulated
fi

without_nvcc() {
    git clone -q "$root" "$work/without-nvcc"
    cd "$work/without-nvcc"
    mvn -q verify -Dnative.cuda=OFF -Dtest='Cuda*Test,BackendsTest,DropoutTest' -DskipITs \
        -Dsurefire.failIfNoSpecifiedTests=false
}
step "a build without nvcc" without_nvcc
