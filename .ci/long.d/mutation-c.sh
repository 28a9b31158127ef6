# Every mutant of the C code and of CUDA's draw, NEON's under QEMU.
all_mutants_of_c() {
    "$root/native/mutation/mutate.py" --neon
}
step "mutants of the C code and of CUDA's draw" all_mutants_of_c
