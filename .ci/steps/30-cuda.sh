# CUDA against a driver that executes PTX on the CPU, which stands beside the project, and without nvcc.
cuda_emulated() {
    cp -r "$root/../shared/ptx-driver" "$work/ptx-driver"
    chmod -R u+w "$work/ptx-driver"
    make -s -C "$work/ptx-driver"
    cd "$root"
    mvn -q test -Dtest='Cuda*Test,HugeRangeTest' -Dsurefire.failIfNoSpecifiedTests=false -Dskip.native.tests=true \
        -Ddropfuse.test.cuda=required "-Ddropfuse.cuda.driver=$work/ptx-driver/build/libcuda.so.1"
    DROPFUSE_CUDA_DRIVER=$work/ptx-driver/build/libcuda.so.1 \
        native/cuda/properties.sh 90 \
        "$root/target/classes/META-INF/native/linux-$(uname -m)/libdropfuse.so" \
        "$root/target/cuda/META-INF/native/cuda/kernels.image"
}

# The newest PTX of what is published, in a jar, and asked of the contract. .ci/long makes the jar for every
# architecture; it is compressed, which the emulating driver does not read.
cuda_newest() {
    git clone -q "$root" "$work/cuda-newest"
    cd "$work/cuda-newest"
    mvn -q -f native/cuda/pom.xml package "-Dnative.cuda.architectures=80-virtual"
    python3 -m zipfile -l native/cuda/target/dropfuse-cuda.jar | grep 'META-INF/native/cuda/kernels.image'
    "$root/.ci/tools/image" native/cuda/target/classes/META-INF/native/cuda/kernels.image compute_80
    mvn -q test -Dtest='CudaContractTest,CudaMatrixTest,CudaResidualTest' -Dsurefire.failIfNoSpecifiedTests=false \
        -Dskip.native.tests=true "-Dnative.cuda.architectures=80-virtual" \
        -Ddropfuse.test.cuda=required "-Ddropfuse.cuda.driver=$work/ptx-driver/build/libcuda.so.1"
}
if [ ! -d "$root/../shared/ptx-driver" ]; then
    skip "CUDA tests against the emulating driver" "it is not at ../shared/ptx-driver"
elif ! command -v nvcc > /dev/null; then
    skip "CUDA tests against the emulating driver" "there is no nvcc to build the kernels"
else
    step "CUDA tests against the emulating driver" cuda_emulated
    step "mvn -q -f native/cuda/pom.xml package of the newest PTX, and its tests" cuda_newest
fi

# Earlier steps have run the C tests without CUDA.
without_nvcc() {
    git clone -q "$root" "$work/without-nvcc"
    cd "$work/without-nvcc"
    mvn -q verify -Dnative.cuda=OFF -Dtest='Cuda*Test,BackendsTest,DropoutTest' -DskipITs \
        -Dskip.native.tests=true -Dsurefire.failIfNoSpecifiedTests=false
}
step "a build without nvcc" without_nvcc
