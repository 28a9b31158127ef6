# Whether the Java tests see changes of the kernels and layers.
mutation() {
    git clone -q "$root" "$work/mutation"
    cd "$work/mutation"
    mvn -q -Pmutation -Dnative.cuda=OFF test-compile exec:exec@mutation
}
step "mutants of kernels and layers" mutation
