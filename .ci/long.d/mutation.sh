# Whether the Java tests see changes of the kernels and layers: nine tenths of each package's.
mutation() {
    git clone -q "$root" "$work/mutation-$1"
    cd "$work/mutation-$1"
    mvn -q -Pmutation -Dnative.cuda=OFF "-Dmutation.classes=io.github.dropfuse.$1.*" \
        test-compile exec:exec@mutation
}
step "mutants of kernels" mutation kernel
step "mutants of layers" mutation layer
