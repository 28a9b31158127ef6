# What cbmc can prove of the C code.
if ! command -v "${CBMC:-cbmc}" > /dev/null || ! command -v "${Z3:-z3}" > /dev/null; then
    step "install cbmc and z3" "$root/.ci/tools/cbmc" "$work/cbmc"
    PATH=$work/cbmc/bin:$PATH
fi
step "proofs with cbmc" "$root/native/proof/prove"
