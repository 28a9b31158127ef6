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

# What is published: every architecture, compressed. The emulating driver reads no compressed image, so
# what it has for the newest devices is compiled once more and the contract is asked of it.
cuda_release() {
    git clone -q "$root" "$work/cuda-release"
    cd "$work/cuda-release"
    mvn -q -f native/cuda/pom.xml package
    python3 -m zipfile -l native/cuda/target/dropfuse-cuda.jar | grep 'META-INF/native/cuda/kernels.image'
    python3 - native/cuda/target/classes/META-INF/native/cuda/kernels.image <<'PYTHON'
import struct, sys

image = open(sys.argv[1], "rb").read()[64:]
at, end, parts = 16, 16 + struct.unpack_from("<Q", image, 8)[0], []
while at < end:
    kind, _, header, size = struct.unpack_from("<HHIQ", image, at)
    parts.append("%s_%d" % ({1: "compute", 2: "sm"}[kind], struct.unpack_from("<I", image, at + 28)[0]))
    at += header + size
print("kernels.image:", ", ".join(sorted(parts)))
assert sorted(parts) == sorted(["sm_%d" % n for n in (75, 80, 86, 89, 90, 100, 120)] +
                               ["compute_75", "compute_80"])
PYTHON
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
    step "mvn -q -f native/cuda/pom.xml package, and its newest PTX" cuda_release
fi

without_nvcc() {
    git clone -q "$root" "$work/without-nvcc"
    cd "$work/without-nvcc"
    mvn -q verify -Dnative.cuda=OFF -Dtest='Cuda*Test,BackendsTest,DropoutTest' -DskipITs \
        -Dsurefire.failIfNoSpecifiedTests=false
}
step "a build without nvcc" without_nvcc
