# Whether the Java tests see changes of what decides and of what is refused; .ci/long mutates
# kernels and layers whole.
mutation_of_decisions() {
    git clone -q "$root" "$work/mutation"
    cd "$work/mutation"
    local layer=io.github.dropfuse.layer
    local classes=io.github.dropfuse.kernel.MaskContract,$layer.FixedChoice,$layer.KeptSamples
    classes+=,$layer.TokenDrop,$layer.Schedule*,$layer.Rows,$layer.Checks
    local tests=io.github.dropfuse.kernel.ContractTest,$layer.KeptSamplesTest,$layer.TokenDropTest
    tests+=,$layer.ScheduleTest,$layer.BadInputTest,$layer.FamilyArgumentsTest,$layer.NullsTest
    tests+=,$layer.UnusableMemoryTest
    mvn -q -Pmutation -Dnative.cuda=OFF "-Dmutation.classes=$classes" "-Dmutation.tests=$tests" \
        test-compile exec:exec@mutation
}
step "mutants of decisions and refusals" mutation_of_decisions
