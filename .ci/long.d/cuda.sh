# The kernels for all devices; those of compute capability 7.5 have PTX of their own.
cuda_for_all() {
    git clone -q "$root" "$work/cuda"
    cp -r "$root/../shared/ptx-driver" "$work/ptx-driver"
    chmod -R u+w "$work/ptx-driver"
    make -s -C "$work/ptx-driver"
    cd "$work/cuda"
    CUDA_EMU_CC=7.5 mvn -q test -Dnative.cuda=ALL -Dtest=CudaMatrixTest -Dskip.native.tests=true \
        -Ddropfuse.test.cuda=required "-Ddropfuse.cuda.driver=$work/ptx-driver/build/libcuda.so.1"
}
if [ ! -d "$root/../shared/ptx-driver" ]; then
    skip "CUDA kernels for all devices" "there is no emulating driver at ../shared/ptx-driver"
else
    step "CUDA kernels for all devices, and tests on one of compute capability 7.5" cuda_for_all
fi
