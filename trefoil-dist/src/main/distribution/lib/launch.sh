# shellcheck shell=sh disable=SC2154
# How Trefoil's programs are started: finds a JDK, keeps the start-up caches, runs the JVM.
#
# Sourced, never run: by bin/trefoil, bin/trefoil-daemon and, in a source tree, by ./trefoil. Sourcing it only defines
# functions. Everything on the way to `exec java` avoids forks: each costs about a millisecond of the 150 that
# `trefoil list` may take.
#
# Variables, all with the prefix trefoil_:
#   trefoil_home     the distribution: bin, lib, share
#   trefoil_cache    where start-up caches lie (writable by root only)
#   trefoil_java     directory of the JDK
#   trefoil_version  its version, such as 25.0.3+9-LTS

# Ends the program with an error in three parts: what, why, what to try.
trefoil_fail() {
    printf 'error: %s\n' "$1" >&2
    if [ -n "${2:-}" ]; then printf '%s\n' "$2" >&2; fi
    if [ -n "${3:-}" ]; then printf 'try: %s\n' "$3" >&2; fi
    exit 1
}

# trefoil_accept DIRECTORY [PROGRAM]: takes DIRECTORY as trefoil_java when it is a Java 25 or newer that holds bin/PROGRAM.
trefoil_accept() {
    [ -x "$1/bin/${2:-java}" ] && [ -r "$1/release" ] || return 1
    trefoil_major='' trefoil_version=''
    while IFS='=' read -r trefoil_key trefoil_value; do
        trefoil_value=${trefoil_value#\"} trefoil_value=${trefoil_value%\"}
        case $trefoil_key in
            JAVA_VERSION) trefoil_major=${trefoil_value%%[!0-9]*} ;;
            JAVA_RUNTIME_VERSION) trefoil_version=$trefoil_value ;;
        esac
    done <"$1/release"
    [ -n "$trefoil_major" ] && [ "$trefoil_major" -ge 25 ] || return 1
    : "${trefoil_version:=$trefoil_major}"
    trefoil_java=$1
}

# trefoil_find_java PROGRAM: sets trefoil_java, or fails with words. javac asks for a whole JDK.
trefoil_find_java() {
    if [ -n "${JAVA_HOME:-}" ] && trefoil_accept "$JAVA_HOME" "$1"; then return 0; fi
    # Maven's toolchains (https://maven.apache.org/guides/mini/guide-using-toolchains.html)
    if [ -r "${HOME:-/root}/.m2/toolchains.xml" ]; then
        while IFS= read -r trefoil_line; do
            case $trefoil_line in
                *'<jdkHome>'*'</jdkHome>'*)
                    trefoil_line=${trefoil_line#*<jdkHome>}
                    if trefoil_accept "${trefoil_line%%</jdkHome>*}" "$1"; then return 0; fi
                    ;;
            esac
        done <"${HOME:-/root}/.m2/toolchains.xml"
    fi
    # The release that Trefoil is built for first, then newer ones.
    for trefoil_candidate in /usr/lib/jvm/*25* /opt/*25* "${HOME:-/root}"/.sdkman/candidates/java/25* \
        /usr/lib/jvm/* /opt/*jdk* /opt/java/*; do
        if trefoil_accept "$trefoil_candidate" "$1"; then return 0; fi
    done
    # What `java` is (update-alternatives), two directories up from the program.
    if trefoil_candidate=$(command -v "$1") && trefoil_candidate=$(readlink -f "$trefoil_candidate"); then
        trefoil_candidate=${trefoil_candidate%/*}
        if trefoil_accept "${trefoil_candidate%/*}" "$1"; then return 0; fi
    fi
    trefoil_fail 'no JDK 25 found' \
        'Trefoil runs on Java 25. Looked at JAVA_HOME, ~/.m2/toolchains.xml, /usr/lib/jvm, /opt and the default java.' \
        'apt-get install temurin-25-jdk (https://adoptium.net/installation/linux), or openjdk-25-jdk where your Debian has it, or set JAVA_HOME'
}

# trefoil_exec PROGRAM OPTION ARGUMENT…: becomes the JVM that runs PROGRAM (cli, demo, bench, training or daemon). OPTION
# is one more option of the JVM.
#
# A start-up cache that is missing, stale or of another JDK is passed over by the JVM in silence (-XX:AOTMode=auto,
# -Xlog:disable; https://openjdk.org/jeps/514). No --illegal-native-access=deny: it keeps the JVM from its archived
# module graph, and from linked classes and profiles with it ("full module graph: disabled" in -Xlog:aot).
trefoil_exec() {
    trefoil_program=$1 trefoil_option=$2
    shift 2
    case $trefoil_program in
        cli) trefoil_main=trefoil.cli/trefoil.cli.Main ;;
        demo) trefoil_main=trefoil.demo/trefoil.demo.Main ;;
        bench) trefoil_main=trefoil.benchmarks/trefoil.benchmarks.Main ;;
        training) trefoil_main=trefoil.benchmarks/trefoil.benchmarks.Training ;;
        daemon) trefoil_main=trefoil.daemon/trefoil.daemon.Main ;;
    esac
    export TREFOIL_HOME="$trefoil_home" TREFOIL_JAVA="$trefoil_java"
    # Java reads arguments and file names in the locale's character set, and in the C locale refuses what is not ASCII.
    case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
        *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) ;;
        *) export LC_ALL=C.UTF-8 ;;
    esac
    case $trefoil_program in
        daemon)
            # sqlite-jdbc is the one library with native code of its own; it is unpacked once, not at every start.
            # References per cache line: Jetty would ask the JVM's management beans for the size of one, and set all of
            # them up for it, the flight recorder's too, at a sixth of the daemon's start.
            exec "$trefoil_java/bin/java" "$trefoil_option" -Xlog:disable -Xlog:all=error:stderr \
                -XX:+UseSerialGC -Xmx256m -XX:-UsePerfData \
                -XX:+UnlockDiagnosticVMOptions -XX:-DisplayVMOutput -XX:CompilerDirectivesFile="$trefoil_home/share/java/daemon.directives" \
                --enable-native-access=trefoil.linux,org.xerial.sqlitejdbc \
                -Dorg.sqlite.lib.path="$trefoil_home/lib/native" -Dorg.sqlite.lib.name=libsqlitejdbc.so \
                -Dorg.eclipse.jetty.util.referencesPerCacheLine=16 \
                -p "$trefoil_home/lib" -m "$trefoil_main" "$@"
            ;;
        bench | training)
            # Peers are spawned by vfork(2): the JVM's own way adds a helper program to each of their times.
            exec "$trefoil_java/bin/java" "$trefoil_option" -Xlog:disable -XX:+UseSerialGC -Xmx256m -XX:-UsePerfData \
                -Djdk.lang.Process.launchMechanism=VFORK \
                --enable-native-access=trefoil.linux --illegal-native-access=deny \
                -p "$trefoil_home/lib" -m "$trefoil_main" "$@"
            ;;
        *)
            # Only its own modules: beside the daemon's, the JSON library would look for adapters in those too, at 20 ms.
            trefoil_lib=$trefoil_home/lib
            trefoil_modules=$trefoil_lib/trefoil-$trefoil_program.jar:$trefoil_lib/trefoil-client.jar:$trefoil_lib/trefoil-api.jar
            exec "$trefoil_java/bin/java" "$trefoil_option" -Xlog:disable \
                -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -XX:-UsePerfData \
                -p "$trefoil_modules:$trefoil_lib/avaje-jsonb.jar:$trefoil_lib/avaje-json-core.jar" -m "$trefoil_main" "$@"
            ;;
    esac
}

# trefoil_run PROGRAM ARGUMENT…: becomes PROGRAM, with its start-up cache.
trefoil_run() {
    trefoil_program=$1
    shift
    trefoil_exec "$trefoil_program" "-XX:AOTCache=$trefoil_cache/$trefoil_program-$trefoil_version.aot" "$@"
}

# trefoil_train LOG: makes the start-up caches by running the real programs once on a state directory of their own
# (JEP 514, one step: the JVM writes the cache when it ends). A cache that cannot be made is no error: programs
# start slower without. As root the daemon is trained too, and the command against it: a first daemon leaves servers
# behind, the recorded one takes them up, starts many more, and ends.
trefoil_train() {
    mkdir -p "$trefoil_cache" || return 0
    if trefoil_scratch=$(mktemp -d "${TMPDIR:-/tmp}/trefoil-train.XXXXXX"); then :; else return 0; fi
    (
        export TREFOIL_DIR="$trefoil_scratch"
        if [ "$(id -u)" = 0 ]; then
            (trefoil_run daemon) &
            trefoil_daemon=$!
            trefoil_await_daemon && (trefoil_run training adopted)
            kill -KILL "$trefoil_daemon" 2>/dev/null || :
            wait "$trefoil_daemon" || :
            rm -f "$trefoil_scratch/run/unix.socket"
            trefoil_record daemon &
            trefoil_daemon=$!
            trefoil_await_daemon
        fi
        if [ -S "$trefoil_scratch/run/unix.socket" ]; then
            trefoil_record cli __train
            for trefoil_command in list version info; do
                (trefoil_run cli "$trefoil_command")
            done
            (trefoil_run training whole) || kill -TERM "$trefoil_daemon" 2>/dev/null || :
            wait "$trefoil_daemon" || :
        else
            trefoil_record cli version
        fi
    ) >"$1" 2>&1 </dev/null || :
    rm -rf "$trefoil_scratch"
}

# trefoil_await_daemon: waits until trefoil_daemon listens in trefoil_scratch; fails when it ended or takes longer than 10 s.
trefoil_await_daemon() {
    trefoil_tries=0
    while [ ! -S "$trefoil_scratch/run/unix.socket" ]; do
        [ "$trefoil_tries" -lt 100 ] && kill -0 "$trefoil_daemon" 2>/dev/null || return 1
        sleep 0.1
        trefoil_tries=$((trefoil_tries + 1))
    done
}

# trefoil_record PROGRAM ARGUMENT…: runs PROGRAM and puts its start-up cache in place, whole or not at all.
trefoil_record() {
    trefoil_target=$trefoil_cache/$1-$trefoil_version.aot
    rm -f "$trefoil_target.new"
    (
        trefoil_program=$1
        shift
        trefoil_exec "$trefoil_program" "-XX:AOTCacheOutput=$trefoil_target.new" "$@"
    ) &
    trefoil_recorded=$!
    trap 'kill -TERM "$trefoil_recorded"' TERM
    wait "$trefoil_recorded" || :
    wait "$trefoil_recorded" 2>/dev/null || :
    trap - TERM
    if [ -s "$trefoil_target.new" ]; then mv "$trefoil_target.new" "$trefoil_target"; else rm -f "$trefoil_target.new"; fi
}
