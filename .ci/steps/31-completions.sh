# The completion scripts, in the shells that they are for.
expect_words() {
    local shell=$1 words=$2
    shift 2
    local wanted
    for wanted; do
        grep -qwF -e "$wanted" <<< "$words" || {
            printf '%s does not offer %s, but:\n%s\n' "$shell" "$wanted" "$words"
            return 1
        }
    done
}

# What a shell offers after the words of a line.
bash_words() {
    bash -c '. "$0"
        COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        "$(complete -p dropfuse | sed "s/.*-F \([^ ]*\).*/\1/")"
        printf "%s\n" "${COMPREPLY[@]}"' "$work/completion.bash" "$@" 2> /dev/null
}

fish_words() {
    # shellcheck disable=SC2016
    fish --no-config -c 'source $argv[1]; complete -C "$argv[2..]"' "$work/completion.fish" "$@"
}

# As typed, with two tabs, which list what is offered.
zsh_words() {
    # shellcheck disable=SC2016
    zsh -f -c 'zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1=; autoload -U compinit && compinit -u -D; source $1; echo rea\"\"dy"
        zpty -r -m shell line "*ready*"
        zpty -w -n shell "${*[2,-1]}$(printf "\t\t")"
        repeat 20; do
            sleep 0.1
            while zpty -r -t shell line; do print -rn -- "$line"; done
        done
        zpty -d shell' zsh "$work/completion.zsh" "$@" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g'
}

completions() {
    local shell=$1
    dropfuse generate-completion "$shell" > "$work/completion.$shell"
    "$shell" -n "$work/completion.$shell"
    cd "$work"
    touch numbers-1.npy
    expect_words "$shell" "$("${shell}_words" dropfuse ap)" apply
    expect_words "$shell" "$("${shell}_words" dropfuse apply --back)" backend backward
    expect_words "$shell" "$("${shell}_words" dropfuse apply --layer dropb)" dropblock2d
    expect_words "$shell" "$("${shell}_words" dropfuse apply --scaling at-)" at-inference
    expect_words "$shell" "$("${shell}_words" dropfuse apply --mask numb)" numbers-1.npy
    expect_words "$shell" "$("${shell}_words" dropfuse apply numb)" numbers-1.npy
}
for shell in bash zsh fish; do
    step "completion in $shell" completions "$shell"
done
