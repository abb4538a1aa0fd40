#!/bin/sh
# Packs a built distribution as a Debian package.
#
# usage: deb.sh DISTRIBUTION VERSION TARGET     (mvn -Pdeb package calls it)
#
# DISTRIBUTION  trefoil-dist/target/trefoil
# VERSION       of the build; -SNAPSHOT becomes ~snapshot, which dpkg sorts before the release
# TARGET        directory for the package
#
# What it installs: /usr/lib/trefoil, /usr/bin/trefoil, the systemd unit, the group trefoil, completions. Start-up caches are
# made when it is installed, since they belong to one JDK.
set -eu
distribution=$1
version=$(printf '%s' "$2" | sed 's/-SNAPSHOT$/~snapshot/')
target=$3
here=$(cd -P -- "$(dirname -- "$0")/.." && pwd -P)

command -v dpkg-deb >/dev/null || {
    printf 'error: dpkg-deb is not installed\nA Debian package is made on Debian.\n' >&2
    exit 1
}
root=$(mktemp -d "${TMPDIR:-/tmp}/trefoil-deb.XXXXXX")
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

mkdir -p "$root/DEBIAN" "$root/usr/bin" "$root/usr/lib/trefoil" "$root/usr/lib/systemd/system" "$root/usr/lib/sysusers.d" \
    "$root/usr/share/doc/trefoil" "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" \
    "$root/usr/share/fish/vendor_completions.d"
cp -R "$distribution/bin" "$distribution/lib" "$distribution/share" "$root/usr/lib/trefoil/"
ln -s ../lib/trefoil/bin/trefoil "$root/usr/bin/trefoil"
ln -s ../../../var/cache/trefoil "$root/usr/lib/trefoil/cache"
cp "$distribution/share/systemd/trefoil.service" "$root/usr/lib/systemd/system/"
cp "$distribution/share/sysusers.d/trefoil.conf" "$root/usr/lib/sysusers.d/"
cp "$here/README.md" "$root/usr/share/doc/trefoil/"
cp "$here/LICENSE" "$root/usr/share/doc/trefoil/copyright"
"$distribution/bin/trefoil" completion bash >"$root/usr/share/bash-completion/completions/trefoil"
"$distribution/bin/trefoil" completion zsh >"$root/usr/share/zsh/vendor-completions/_trefoil"
"$distribution/bin/trefoil" completion fish >"$root/usr/share/fish/vendor_completions.d/trefoil.fish"
find "$root/usr" -type d -exec chmod 755 {} +
find "$root/usr" -type f -exec chmod 644 {} +
chmod 755 "$root/usr/lib/trefoil/bin/"* "$root/usr/lib/trefoil/share/packages.sh"

sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$(du -sk "$root/usr" | cut -f1)/" "$here/trefoil-dist/src/main/debian/control" >"$root/DEBIAN/control"
for script in postinst prerm postrm; do
    cp "$here/trefoil-dist/src/main/debian/$script" "$root/DEBIAN/$script"
    chmod 755 "$root/DEBIAN/$script"
done
mkdir -p "$target"
dpkg-deb --root-owner-group -Zxz -z1 --build "$root" "$target/trefoil_${version}_amd64.deb" >/dev/null
printf '%s\n' "$target/trefoil_${version}_amd64.deb"
