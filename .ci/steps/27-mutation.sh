# Whether the Java tests see changes of what decides and of what is refused; .ci/long mutates
# kernels and layers whole.
mutation_of_decisions() {
    git clone -q "$root" "$work/mutation"
    cd "$work/mutation"
    local kernel=io.github.dropfuse.kernel layer=io.github.dropfuse.layer
    local classes=$kernel.MaskContract,$kernel.Normals,$kernel.Layout*,$layer.FixedChoice
    classes+=,$layer.KeptSamples,$layer.TokenDrop,$layer.Schedule*,$layer.Rows,$layer.Checks
    local tests=$kernel.ContractTest,$kernel.NormalsTest,$kernel.LayoutTest,$layer.KeptSamplesTest
    tests+=,$layer.TokenDropTest,$layer.ScheduleTest,$layer.BadInputTest,$layer.NullsTest
    tests+=,$layer.FamilyArgumentsTest,$layer.UnusableMemoryTest
    mvn -q -Pmutation -Dnative.cuda=OFF "-Dmutation.classes=$classes" "-Dmutation.tests=$tests" \
        test-compile exec:exec@mutation
}
step "mutants of decisions and refusals" mutation_of_decisions
