# All backends against the reference, with random calls, for longer.
verify_long() {
    git clone -q "$root" "$work/verify"
    cd "$work/verify"
    mvn -q -DskipTests -Dnative.cuda=OFF package
    "$(java25)" -jar target/dropfuse.jar verify --seconds 60
    "$(java25)" -jar target/dropfuse.jar verify --deep --seconds 300
}
step "dropfuse verify --seconds 60, and --deep --seconds 300" verify_long
