# The adapters with their frameworks, and the examples, each by its one command. CUDA's image is
# compiled in steps of its own.
integrations() {
    git clone -q "$root" "$work/integrations"
    cd "$work/integrations"
    mvn -f integrations/pom.xml verify -Dnative.cuda=OFF
}
step "mvn -f integrations/pom.xml verify -Dnative.cuda=OFF" integrations

example() {
    [ -d "$work/examples" ] || git clone -q "$root" "$work/examples"
    cd "$work/examples"
    mvn -q -f examples/pom.xml -pl "$1" -am verify
}
for pom in "$root"/examples/*/pom.xml; do
    name=$(basename "$(dirname "$pom")")
    step "mvn -q -f examples/pom.xml -pl $name -am verify" example "$name"
done
