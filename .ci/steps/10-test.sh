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
    local clone=$work/javadoc-$RANDOM
    git clone -q "$root" "$clone"
    cd "$clone"
    "$@" mvn -q javadoc:javadoc
    [ -s target/reports/apidocs/index.html ]
}
step "mvn -q javadoc:javadoc, on its own" javadoc env
# Maven on the JDK that the build selects, where another java is on the path.
javadoc_25() {
    local java
    java=$(java25)
    javadoc env JAVA_HOME="${java%/bin/java}"
}
step "mvn -q javadoc:javadoc, with Maven on JDK 25" javadoc_25
