# Each proof fails where the code is changed.
proof_tools
step "proofs fail where the code is changed" "$root/native/proof/mutate"
