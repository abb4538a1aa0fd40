# fish completion for trefoil
# No key press starts a virtual machine or a daemon: words come from this file, names from a running daemon through curl.

# Names of the daemon's resources: servers, images or networks.
function __trefoil_names
    set -l socket /run/trefoil/unix.socket
    if set -q TREFOIL_DIR; and test -n "$TREFOIL_DIR"
        set socket $TREFOIL_DIR/run/unix.socket
    end
    test -S $socket; or return 0
    if test $argv[1] = images
        curl -s --max-time 1 --unix-socket $socket http://trefoil/1.0/images 2>/dev/null |
            sed 's/"aliases" *: *\[/\n&/g' | sed -n 's/^"aliases" *: *\[\([^]]*\)\].*/\1/p' | tr ',' '\n' | tr -d '" '
    else
        curl -s --max-time 1 --unix-socket $socket http://trefoil/1.0/$argv[1] 2>/dev/null |
            tr '{,' '\n\n' | sed -n 's/^ *"name" *: *"\([a-z0-9-]*\)".*/\1/p' | sort -u
    end
end

# Options of a command.
function __trefoil_options
    switch $argv[1]
#OPTIONS#
    end
end

# What a command's parameters are.
function __trefoil_parameters
    switch $argv[1]
#PARAMETERS#
    end
end

function __trefoil_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l bare
    for word in $typed[2..-1]
        if test "$word" = --
            return
        end
        if not string match -q -- '-*' $word
            set -a bare $word
        end
    end
    set -l command "$bare[1]"
    switch "$command"
        case ''
            string split ' ' -- '#FIRST#'
            return
#GROUPS#
    end
    switch $typed[-1]
        case --format
            string split ' ' -- 'table compact csv json yaml'
        case --kind
            string split ' ' -- 'os para full auto'
        case --restart
            string split ' ' -- 'never on-failure always'
        case --wait
            string split ' ' -- 'none ip usable'
        case --network
            echo none
            __trefoil_names networks
        case '*'
            if string match -q -- '-*' $current
                __trefoil_options $command | string split ' '
            else
                set -l kind (__trefoil_parameters $command)
                switch "$kind"
                    case servers images networks
                        __trefoil_names $kind
                    case files
                        __trefoil_names servers | sed 's/$/:/'
                        __fish_complete_path $current
                    case '*'
                        string split -n ' ' -- $kind
                end
            end
    end
end

complete -c trefoil -f -a '(__trefoil_complete)'
