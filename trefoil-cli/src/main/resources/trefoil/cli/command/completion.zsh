#compdef trefoil
# zsh completion for trefoil
# No key press starts a virtual machine or a daemon: words come from this file, names from a running daemon through curl.

# Names of the daemon's resources: $1 is servers, images or networks.
_trefoil_names() {
    local socket=/run/trefoil/unix.socket
    if [[ -n ${TREFOIL_DIR:-} ]]; then socket=$TREFOIL_DIR/run/unix.socket; fi
    [[ -S $socket ]] || return 0
    if [[ $1 == images ]]; then
        curl -s --max-time 1 --unix-socket $socket http://trefoil/1.0/images 2>/dev/null |
            sed 's/"aliases" *: *\[/\n&/g' | sed -n 's/^"aliases" *: *\[\([^]]*\)\].*/\1/p' | tr ',' '\n' | tr -d '" '
    else
        curl -s --max-time 1 --unix-socket $socket http://trefoil/1.0/$1 2>/dev/null |
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
    local first='' second='' word command='' list=''
    for word in "${(@)words[2,CURRENT-1]}"; do
        case $word in
            --) _default; return ;;
            -*) continue ;;
        esac
        if [[ -z $first ]]; then first=$word; elif [[ -z $second ]]; then second=$word; fi
    done
    case $first in
        '') list='#FIRST#' ;;
#GROUPS#
        *) command=$first ;;
    esac
    if [[ -n $command ]]; then
        case ${words[CURRENT-1]} in
            --format) list='table compact csv json yaml' ;;
            --kind) list='os para full auto' ;;
            --restart) list='never on-failure always' ;;
            --wait) list='none ip usable' ;;
            --network) list="none $(_trefoil_names networks)" ;;
            *)
                case ${words[CURRENT]} in
                    -*) list=$(_trefoil_options $command) ;;
                    *)
                        list=$(_trefoil_parameters $command)
                        case $list in
                            servers | images | networks) list=$(_trefoil_names $list) ;;
                            files) _files; list=$(_trefoil_names servers | sed 's/$/:/') ;;
                        esac
                        ;;
                esac
                ;;
        esac
    fi
    compadd -- ${=list}
}

if [[ $funcstack[1] == _trefoil ]]; then _trefoil "$@"; else compdef _trefoil trefoil; fi
