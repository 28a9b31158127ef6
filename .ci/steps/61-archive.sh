# The staged release's archives, unpacked and run as users do.
archives() {
    local built=$work/release/first/target
    mkdir "$work/tar" "$work/zip"
    tar -xzf "$built"/dropfuse-*.tar.gz -C "$work/tar"
    python3 -m zipfile -e "$built"/dropfuse-*.zip "$work/zip" # which keeps no modes
    diff -r "$work/tar" "$work/zip"
    cd "$work"/tar/dropfuse-*
    (cd lib && sha256sum -c dropfuse.jar.sha256)
    find . -type f | sort | diff - <(printf './%s\n' LICENSE NOTICE README.txt bin/dropfuse \
        bin/dropfuse.bat completions/_dropfuse completions/dropfuse.bash completions/dropfuse.fish \
        lib/dropfuse.jar lib/dropfuse.jar.sha256)
    bash -n completions/dropfuse.bash
    zsh -n completions/_dropfuse
    fish --no-execute completions/dropfuse.fish
    ln -s "$PWD/bin/dropfuse" "$work/link"
    local java line
    java=$(java25)
    export JAVA_HOME=${java%/bin/java} XDG_CACHE_HOME=$work/cache
    "$work/link" --make-cache
    line=$("$work/link" mask --p 0.1 --seed 42 --count 1000)
    echo "$line"
    [ "$line" = "kept=894 sha256=a927870478860a1c42885d295fb019cd34a9eb9bc19648395ef0fff2c48a6739" ]
}
step "the release's archives" archives
