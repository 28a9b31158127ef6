# Whether the Java tests see changes of what decides on bits; .ci/long has kernels and layers whole.
mutation_of_bits() {
    git clone -q "$root" "$work/mutation"
    cd "$work/mutation"
    local kernel=io.github.dropfuse.kernel layer=io.github.dropfuse.layer
    local classes=$kernel.MaskContract,$kernel.Normals,$kernel.Layout*,$kernel.Decisions
    classes+=,$kernel.Dilation,$kernel.MersenneOutputs,$kernel.BlockShape,$kernel.Range
    classes+=,$kernel.Arithmetic*,$kernel.Effect,$layer.Scaling,$layer.BlockRate,$layer.FixedChoice
    local tests=$kernel.*Test,$layer.DropBlockTest,$layer.TokenDropTest,$layer.KeptSamplesTest
    tests+=,$layer.DropoutTest,$layer.GaussianTest,$layer.SettingsTest
    mvn -q -Pmutation -Dnative.cuda=OFF "-Dmutation.classes=$classes" "-Dmutation.tests=$tests" \
        test-compile exec:exec@mutation
}
step "mutants of what decides on bits" mutation_of_bits
