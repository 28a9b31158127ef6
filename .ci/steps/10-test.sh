# The README's test command, unchanged.
readme_test() {
    cd "$root"
    mvn verify
}
step "mvn verify" readme_test

pure_java() {
    git clone -q "$root" "$work/pure"
    cd "$work/pure"
    mvn -q -DskipNative verify
}
step "mvn -q -DskipNative verify, on its own" pure_java

javadoc() {
    git clone -q "$root" "$work/javadoc"
    cd "$work/javadoc"
    mvn -q javadoc:javadoc
    [ -s target/reports/apidocs/index.html ]
}
step "mvn -q javadoc:javadoc, on its own" javadoc
