# What cbmc can prove of the C code.
proof_tools
step "proofs with cbmc" "$root/native/proof/prove"
