# The site, by its one command, which fails on a dead link; then every page in a browser.
site() {
    git clone -q "$root" "$work/site"
    cd "$work/site"
    mvn -q site
    [ -s target/site/index.html ]
}
step "mvn -q site, on its own" site

# A link that leads nowhere, and a picture that no layer drew, have to fail it.
site_faults() {
    cd "$work/site"
    sed -i 's/concepts\.md/concept.md/' src/site/README.md
    sed -i 's/class="d"/class="i"/' src/site/layers/dropout.svg
    if mvn -q site > "$work/faults" 2>&1; then
        echo "the site was made in spite of a dead link and a wrong picture"
        return 1
    fi
    grep 'index.html: dead link src/site/concept.md' "$work/faults"
    grep 'dropout.svg is not what the layer does' "$work/faults"
}

browser() {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core > /dev/null
}
if ! command -v chromium > /dev/null && command -v apt-get > /dev/null; then
    step "install chromium" browser
fi

site_in_browser() {
    cd "$work/site/src/site/check"
    npm ci --silent --no-audit --no-fund
    node check.mjs "$work/site/target/site"
}
if ! command -v npm > /dev/null; then
    skip "the site in a browser" "there is no npm"
elif ! command -v chromium > /dev/null; then
    skip "the site in a browser" "there is no chromium"
else
    step "the site in a browser" site_in_browser
fi
step "a dead link and a wrong picture fail the site" site_faults
