# Tests of the tests: changes of the C code and of CUDA's draw, one at a time. A part of them, always
# the same; .ci/long.d has all.
mutants_of_c() {
    "$root/native/mutation/mutate.py" --sample 30 --seed 1
}
step "mutants of the C code and of CUDA's draw, a sample" mutants_of_c
