# Each proof fails where the code is changed.
if ! command -v "${CBMC:-cbmc}" > /dev/null || ! command -v "${Z3:-z3}" > /dev/null; then
    step "install cbmc and z3" "$root/.ci/tools/cbmc" "$work/cbmc"
    PATH=$work/cbmc/bin:$PATH
fi
step "proofs fail where the code is changed" "$root/native/proof/mutate"
