# The site, by its one command, which fails on a dead link; then every page in a browser.
site() {
    git clone -q "$root" "$work/site"
    cd "$work/site"
    mvn -q site
    [ -s target/site/index.html ]
}
step "mvn -q site, on its own" site

missing=()
command -v chromium > /dev/null || missing+=(chromium fonts-dejavu-core)
command -v npm > /dev/null || missing+=(npm)
if [ ${#missing[@]} -gt 0 ]; then
    step "install ${missing[*]}" install_tools
fi

site_in_browser() {
    cd "$work/site/src/site/check"
    npm ci --silent --no-audit --no-fund
    node check.mjs "$work/site/target/site"
}
step "the site in a browser" site_in_browser

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
step "a dead link and a wrong picture fail the site" site_faults
