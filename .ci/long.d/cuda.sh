# CUDA's kernels as they are published: for every architecture, compressed.
cuda_published() {
    git clone -q "$root" "$work/cuda"
    cd "$work/cuda"
    mvn -q -f native/cuda/pom.xml package
    python3 -m zipfile -l native/cuda/target/dropfuse-cuda.jar | grep 'META-INF/native/cuda/kernels.image'
    "$root/.ci/tools/image" native/cuda/target/classes/META-INF/native/cuda/kernels.image \
        sm_75 sm_80 sm_86 sm_89 sm_90 sm_100 sm_120 compute_75 compute_80
}
if command -v nvcc > /dev/null; then
    step "mvn -q -f native/cuda/pom.xml package" cuda_published
else
    skip "mvn -q -f native/cuda/pom.xml package" "there is no nvcc"
fi
