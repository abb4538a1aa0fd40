# bash completion for trefoil
# No key press starts a virtual machine or a daemon: words come from this file, names from a running daemon through curl.

# Names of the daemon's resources: $1 is servers, images or networks.
_trefoil_names() {
    local socket=/run/trefoil/unix.socket
    if [ -n "${TREFOIL_DIR:-}" ]; then socket=$TREFOIL_DIR/run/unix.socket; fi
    [ -S "$socket" ] || return 0
    if [ "$1" = images ]; then
        curl -s --max-time 1 --unix-socket "$socket" http://trefoil/1.0/images 2>/dev/null |
            sed 's/"aliases" *: *\[/\n&/g' | sed -n 's/^"aliases" *: *\[\([^]]*\)\].*/\1/p' | tr ',' '\n' | tr -d '" '
    else
        curl -s --max-time 1 --unix-socket "$socket" "http://trefoil/1.0/$1" 2>/dev/null |
            tr '{,' '\n\n' | sed -n 's/^ *"name" *: *"\([a-z0-9-]*\)".*/\1/p' | sort -u
    fi
}

# Options of a command.
_trefoil_options() {
    case $1 in
#OPTIONS#
    esac
}

# What a command's parameters are.
_trefoil_parameters() {
    case $1 in
#PARAMETERS#
    esac
}

_trefoil() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} first='' second='' word i command words=''
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
            --) return 0 ;;
            -*) continue ;;
        esac
        if [ -z "$first" ]; then first=$word; elif [ -z "$second" ]; then second=$word; fi
    done
    case $first in
        '') words='#FIRST#' ;;
#GROUPS#
        *) command=$first ;;
    esac
    if [ -n "$command" ]; then
        case $previous in
            --format) words='table compact csv json yaml' ;;
            --kind) words='os para full auto' ;;
            --restart) words='never on-failure always' ;;
            --wait) words='none ip usable' ;;
            --network) words="none $(_trefoil_names networks)" ;;
            *)
                case $current in
                    -*) words=$(_trefoil_options "$command") ;;
                    *)
                        words=$(_trefoil_parameters "$command")
                        case $words in
                            servers | images | networks) words=$(_trefoil_names "$words") ;;
                            files) words="$(_trefoil_names servers | sed 's/$/:/')" ;;
                        esac
                        ;;
                esac
                ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    # A colon divides words for bash: show what follows it only.
    if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$current"; fi
}

complete -o default -F _trefoil trefoil
