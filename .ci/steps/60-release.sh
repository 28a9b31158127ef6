# A release as a maintainer makes it, and strangers' first programs with what it staged. CUDA's kernels are
# compiled for all architectures in a step of their own, and left out here.
missing=()
command -v gradle > /dev/null || missing+=(gradle)
command -v gpg > /dev/null || missing+=(gnupg)
if [ ${#missing[@]} -gt 0 ]; then
    step "install ${missing[*]}" install_tools
fi
staging=$work/release/first/release/target/staging
now=$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' "$root/release/parent/pom.xml")
version=${now%-SNAPSHOT}

# In a clone, as the version becomes that of the release to come. .ci/long makes it twice.
stage() {
    export CCACHE_DISABLE=1
    local clone=$work/release/first
    git clone -q "$root" "$clone"
    if [ "$now" != "$version" ]; then
        "$clone/release/version" "$version"
        git -C "$clone" -c user.name=release -c user.email=release@localhost \
            commit -qam "Release $version"
    fi
    umask 022
    mvn -B -q -f "$clone/release/pom.xml" -Dnative.cuda=OFF deploy
}
step "stage a release" stage

staged() {
    "$root/release/check" --without-cuda "$staging" "$version"
    # The build's paths are in nothing.
    local jar
    find "$staging" -name '*.jar' | while read -r jar; do
        python3 -m zipfile -e "$jar" "$work/unpacked/$(basename "$jar")"
    done
    if grep -rlF "$work" "$work/unpacked" "$staging"; then
        return 1
    fi
}
step "what Maven Central asks for is staged" staged

# Every file of one artifact is signed when a key is named, and each signature is good.
signed() {
    export GNUPGHOME=$work/gnupg
    mkdir -m 700 "$GNUPGHOME"
    gpg --batch --quiet --passphrase '' --quick-generate-key release@localhost ed25519 sign never
    mvn -q -B -f "$work/release/first/release/pom.xml" -pl ../integrations/bom deploy \
        -Dgpg.keyname=release@localhost "-Dstaging.directory=$work/signed"
    local file files=0
    while read -r file; do
        gpg --batch --quiet --verify "$file.asc" "$file"
        files=$((files + 1))
    done < <(find "$work/signed" -type f -name 'dropfuse-*' ! -name '*.asc*' ! -name '*.md5' ! -name '*.sha*')
    gpgconf --kill all
    [ "$files" -gt 0 ]
}
step "a signed artifact" signed

# The local repository of a stranger who has built other things: all but ours is there already.
strangers_repository() {
    local own
    own=$(mvn -q -B -N -f "$root/pom.xml" help:evaluate -Dexpression=settings.localRepository -DforceStdout |
        sed 's/\x1b\[[0-9;]*m//g')
    mkdir "$work/repository"
    tar -C "$own" --exclude=./io/github/dropfuse --exclude=./org/bytedeco --exclude=./org/nd4j \
        --exclude=./org/apache/spark -c . | tar -C "$work/repository" -x
}
step "a local repository without Dropfuse" strangers_repository

# The first block of a kind on a page.
block() {
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ && inside { exit } inside' "$2" | grep .
}

# The first program of a page as a class Main: imports, an empty line, statements.
program() {
    awk -v 'fence=```java' '
        $0 == fence { inside = 1; next }
        /^```/ && inside { print "}\n}"; exit }
        inside && !open && $0 == "" { print "\nclass Main {\npublic static void main(String[] arguments) {"; open = 1 }
        inside' "$1" | grep .
}

# What the page says that its program prints.
printed() {
    program "$1" | sed -n 's|^ *// \(.*[]}]\)$|\1|p' | grep .
}

# Makes a Maven project of a page's lines, and some dependencies, and prints what it prints.
maven_project() {
    local page=$2
    mkdir -p "$1/src/main/java"
    cd "$1"
    program "$page" > src/main/java/Main.java
    cat > pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>stranger</groupId>
  <artifactId>stranger</artifactId>
  <version>1</version>
  <properties>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <maven.compiler.release>25</maven.compiler.release>
  </properties>
  <repositories>
    <repository><id>staging</id><url>file://$staging</url></repository>
  </repositories>
  <dependencies>
$(block xml "$page")
$3
  </dependencies>
  <build>
    <plugins>
$(plugin org.apache.maven.plugins maven-toolchains-plugin)
$(plugin org.apache.maven.plugins maven-compiler-plugin)
$(plugin org.codehaus.mojo exec-maven-plugin)
    </plugins>
  </build>
</project>
POM
    mvn -q -B "-Dmaven.repo.local=$work/repository" compile exec:exec -Dexec.executable=java \
        "-Dexec.args=--enable-native-access=ALL-UNNAMED -Dstdout.encoding=UTF-8 -cp %classpath Main"
}

# A plugin with the version that the library's build has.
plugin() {
    local number
    number=$(grep -A 1 "<artifactId>$2</artifactId>" "$root/pom.xml" | sed -n 's|.*<version>\(.*\)</version>|\1|p')
    echo "<plugin><groupId>$1</groupId><artifactId>$2</artifactId><version>$number</version>"
    if [ "$2" = maven-toolchains-plugin ]; then
        echo '<executions><execution><goals><goal>select-jdk-toolchain</goal></goals>'
        echo '<configuration><version>[25,26)</version></configuration></execution></executions>'
    fi
    echo '</plugin>'
}

# Without a word beside the page's: the native library is there, or there would be a warning.
readme_maven() {
    maven_project "$work/maven" "$work/release/first/README.md" "" 2>&1 |
        sed 's/\x1b\[[0-9;]*m//g' | tee "$work/maven.txt"
    diff <(printed "$work/release/first/README.md") "$work/maven.txt"
}
step "README's Maven snippet and program, from staging" readme_maven

# Debian's Gradle knows no JDK 25, so it is told which to call.
readme_gradle() {
    local page=$work/release/first/README.md java
    java=$(java25)
    mkdir -p "$work/gradle/src/main/java"
    cd "$work/gradle"
    program "$page" > src/main/java/Main.java
    touch settings.gradle
    cat > build.gradle <<GRADLE
apply plugin: "application"
repositories { maven { url "file://$staging" } }
dependencies { $(grep -o 'implementation("[^"]*")' "$page") }
mainClassName = "Main"
compileJava {
    options.fork = true
    options.forkOptions.executable = "${java}c"
    options.encoding = "UTF-8"
    options.compilerArgs += "-Xlint:-options"
}
run {
    executable = "$java"
    jvmArgs = ["--enable-native-access=ALL-UNNAMED", "-Dstdout.encoding=UTF-8"]
}
GRADLE
    gradle --offline --no-daemon -q -g "$work/gradle/home" run | tee "$work/gradle.txt"
    diff <(printed "$page") <(grep -vE '^(openjdk|OpenJDK) ' "$work/gradle.txt")
}
step "README's Gradle snippet and program, from staging" readme_gradle

# DJL's own engine with its native parts, in the versions that the adapter is tested with.
djl_maven() {
    local page=$work/release/first/integrations/djl/README.md djl pytorch
    djl=$(sed -n 's|.*<djl.version>\(.*\)</djl.version>|\1|p' "$root/integrations/djl/pom.xml")
    pytorch=$(sed -n 's|.*<pytorch.version>\(.*\)</pytorch.version>|\1|p' "$root/integrations/djl/pom.xml")
    export OPT_OUT_TRACKING=true DJL_CACHE_DIR=$work/djl-cache
    maven_project "$work/djl" "$page" "
<dependency>
  <groupId>ai.djl.pytorch</groupId><artifactId>pytorch-engine</artifactId><version>$djl</version>
</dependency>
<dependency>
  <groupId>ai.djl.pytorch</groupId><artifactId>pytorch-jni</artifactId><version>$pytorch-$djl</version>
</dependency>
<dependency>
  <groupId>ai.djl.pytorch</groupId><artifactId>pytorch-native-cpu</artifactId><version>$pytorch</version>
  <classifier>linux-x86_64</classifier>
</dependency>" 2> "$work/djl-errors.txt" | sed 's/\x1b\[[0-9;]*m//g' | tee "$work/djl.txt"
    diff <(printed "$page") "$work/djl.txt"
}
step "the DJL adapter's snippet and program, from staging" djl_maven

# The public API against the staged one: as it is, and with one method less.
api() {
    git clone -q "$root" "$work/api"
    cd "$work/api"
    local compare=(mvn -q -B "-Dmaven.repo.local=$work/repository" -DskipNative -Dmaven.test.skip=true
        -Dskip.library.tests=true -Dmaven.javadoc.skip=true "-Dapi.baseline=$version"
        "-Dapi.baseline.repository=file://$staging" verify)
    "${compare[@]}"
    ls target/japicmp/*.html
    sed -i 's/public float\[\] toFloatArray()/float[] toFloatArray()/' \
        src/main/java/io/github/dropfuse/Tensor.java
    [ "$(git diff --numstat)" ]
    if "${compare[@]}" > "$work/api.txt" 2>&1; then
        echo "a public method was taken away, and the build passed" >&2
        return 1
    fi
    grep -m 1 'toFloatArray.*METHOD' "$work/api.txt"
}
if [ "$now" != "$version" ]; then
    step "the public API beside the staged one's" api
else
    skip "the public API beside the staged one's" "$version is a release, and would be compared with itself"
fi
