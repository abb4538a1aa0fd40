#!/bin/sh
# Installs the Debian packages that a part of Trefoil needs and that are missing, and says which and why.
#
# usage: packages.sh SET        install what is missing (root; apt)
#        packages.sh --check SET   only name it; never fails for missing packages
#        packages.sh --if-root SET  installs as root, else names what is missing and which tests are left out
#
# SET: demo (running servers), test (the tests; includes demo), bench (the peers of the benchmark; includes demo)
set -eu

# PACKAGE|a file it brings|why
demo='mmdebstrap|/usr/bin/mmdebstrap|builds Debian images
dnsmasq-base|/usr/sbin/dnsmasq|gives servers addresses and names
nftables|/usr/sbin/nft|lets doctor and tests read the packet filter
iproute2|/sbin/ip|lets doctor and tests read links and routes
procps|/bin/ps|shows processes
e2fsprogs|/sbin/mke2fs|makes disks of limited size
zstd|/usr/bin/zstd|packs and unpacks images
util-linux|/usr/bin/flock|lets only one build run at a time
ca-certificates|/etc/ssl/certs/ca-certificates.crt|checks the certificates of package mirrors'
test='binutils|/usr/bin/objdump|checks the disassembler in tests
busybox-static|/bin/busybox|a tiny system for tests of the container engine
acpica-tools|/usr/bin/iasl|reads and compiles the ACPI tables of virtual machines in tests
gpgv|/usr/bin/gpgv|checks signatures in tests of image building
qemu-utils|/usr/bin/qemu-img|the second opinion in tests of disk images
libcap2-bin|/sbin/capsh|shows capabilities in tests of isolation'
bench='crun|/usr/bin/crun|peer: OCI runtime written in C
runc|/usr/sbin/runc|peer: OCI runtime written in Go
lxc|/usr/bin/lxc-start|peer: system containers
systemd-container|/usr/bin/systemd-nspawn|peer: system containers of systemd
bubblewrap|/usr/bin/bwrap|peer: sandbox of Flatpak
uidmap|/usr/bin/newuidmap|id ranges for lxc
qemu-system-x86|/usr/bin/qemu-system-x86_64|peer: virtual machines by translation'

fail() {
    printf 'error: %s\n' "$1" >&2
    if [ -n "${2:-}" ]; then printf '%s\n' "$2" >&2; fi
    if [ -n "${3:-}" ]; then printf 'try: %s\n' "$3" >&2; fi
    exit 1
}

check=no
case ${1:-} in
    --check)
        check=yes
        shift
        ;;
    --if-root)
        if [ "$(id -u)" != 0 ]; then check=yes; fi
        shift
        ;;
esac
case ${1:-} in
    demo) wanted=$demo ;;
    test) wanted="$demo
$test" ;;
    bench) wanted="$demo
$bench" ;;
    *)
        printf 'usage: packages.sh [--check|--if-root] demo|test|bench\n' >&2
        exit 2
        ;;
esac

missing=''
reasons=''
while IFS='|' read -r package file why; do
    if ! [ -e "$file" ] && ! [ -e "/usr$file" ]; then
        missing="$missing $package"
        reasons="$reasons  $package: $why
"
    fi
done <<END
$wanted
END
[ -n "$missing" ] || exit 0

if [ "$check" = yes ]; then
    printf 'missing Debian packages (%s); what needs them is left out:\n%s' "$1" "$reasons" >&2
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    printf 'missing Debian packages (%s):\n%s' "$1" "$reasons" >&2
    fail 'only root can install them' '' "sudo apt-get install --no-install-recommends$missing"
fi
command -v apt-get >/dev/null || fail "missing:$missing" 'This is not a Debian system: apt-get does not exist.' 'install them by the means of your system'

printf 'installing Debian packages:\n%s' "$reasons" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp "${TMPDIR:-/tmp}/trefoil-packages.XXXXXX")
trap 'rm -f "$log"' EXIT

# What went wrong, as far as apt's words tell.
reason() {
    if grep -qE 'Failed to fetch|Temporary failure resolving|Could not (resolve|connect)|Unable to connect' "$log"; then
        printf 'A package mirror that /etc/apt names cannot be reached.'
    elif grep -q 'Unable to locate package' "$log"; then
        printf 'The package mirrors that /etc/apt names do not have it: Trefoil is made for Debian 12.'
    elif grep -qE 'dpkg was interrupted|held broken packages|unmet dependencies' "$log"; then
        printf 'The packages of this system are not in order.'
    else
        printf 'The words of apt are above.'
    fi
}

# Lists that are absent or older than a day may name packages that the mirror no longer has.
if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -1 -print -quit 2>/dev/null)" ]; then
    printf 'refreshing the lists of packages (apt-get update)\n' >&2
    # Without error-on apt-get says that all is well though no mirror was reached.
    if ! LC_ALL=C.UTF-8 apt-get -q --error-on=any -o DPkg::Lock::Timeout=300 update >"$log" 2>&1; then
        grep -E '^(E|W|Err)' "$log" | tail -n 5 >&2 || tail -n 5 "$log" >&2
        fail 'apt-get update failed' "$(reason)" 'mend the network or /etc/apt, then run the command again'
    fi
fi
# shellcheck disable=SC2086 # one word per package
if ! LC_ALL=C.UTF-8 apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $missing >"$log" 2>&1; then
    grep -E '^(E|W|Err)' "$log" | tail -n 5 >&2 || tail -n 15 "$log" >&2
    fail "apt-get could not install$missing" "$(reason)" "apt-get update && apt-get install --no-install-recommends$missing"
fi
