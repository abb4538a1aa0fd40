#!/bin/sh
# Makes a server of a freshly unpacked Debian. Run by mmdebstrap as its customize hook: $1 is the root of the new system.
set -eu
root=$1

# --- identity: none yet; each server gets its own -------------------------------------------------------------------
# An empty machine-id is filled in at the first boot, machine-id(5); a host name that is not there is the one that the
# kernel was given when the server started.
: > "$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/etc/hostname"
rm -f "$root"/etc/ssh/ssh_host_*
rm -f "$root/etc/resolv.conf"
: > "$root/etc/resolv.conf"
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n' \
    > "$root/etc/hosts"
: > "$root/etc/fstab"

# --- locale ---------------------------------------------------------------------------------------------------------
# C.UTF-8 is part of libc-bin: no locale to generate.
echo 'LANG=C.UTF-8' > "$root/etc/default/locale"
mkdir -p "$root/etc"
echo 'LANG=C.UTF-8' > "$root/etc/locale.conf"

# --- network --------------------------------------------------------------------------------------------------------
# The host has configured eth0 before init runs. networkd asks the network's DHCP for the same, reserved, address, and
# keeps what it finds (KeepConfiguration, systemd.network(5)), so that no connection breaks when it starts or stops.
cat > "$root/etc/systemd/network/50-eth0.network" <<'EOF'
[Match]
Name=eth0

[Network]
DHCP=yes
KeepConfiguration=yes
IPv6AcceptRA=yes

[DHCPv4]
ClientIdentifier=mac
UseHostname=no

[DHCPv6]
WithoutRA=no
EOF
# Nobody but this writes /etc/resolv.conf; what an administrator or the host put there stays.
mkdir -p "$root/usr/lib/trefoil" "$root/etc/systemd/system"
cat > "$root/usr/lib/trefoil/resolv-conf" <<'EOF'
#!/bin/sh
# Fills an empty /etc/resolv.conf with the name servers that DHCP told, else with the default gateway, which is the
# name server of every Trefoil network.
[ -s /etc/resolv.conf ] && exit 0
servers=$(sed -n 's/^DNS=//p' /run/systemd/netif/state 2>/dev/null)
[ -n "$servers" ] || servers=$(ip -4 route show default 2>/dev/null | sed -n 's/^default via \([^ ]*\).*/\1/p' | head -n 1)
[ -n "$servers" ] || exit 0
domain=$(sed -n 's/^DOMAINS=//p' /run/systemd/netif/state 2>/dev/null)
{
    for server in $servers; do echo "nameserver $server"; done
    if [ -n "$domain" ]; then echo "search $domain"; fi
} > /etc/resolv.conf
EOF
chmod 755 "$root/usr/lib/trefoil/resolv-conf"
cat > "$root/etc/systemd/system/resolv-conf.service" <<'EOF'
[Unit]
Description=Name servers from the network
ConditionFileNotEmpty=!/etc/resolv.conf
DefaultDependencies=no
After=local-fs.target
[Service]
Type=oneshot
ExecStart=/usr/lib/trefoil/resolv-conf
EOF
cat > "$root/etc/systemd/system/resolv-conf.path" <<'EOF'
[Unit]
Description=Watches for name servers from the network
ConditionFileNotEmpty=!/etc/resolv.conf
[Path]
PathChanged=/run/systemd/netif/state
[Install]
WantedBy=multi-user.target
EOF
sed -i '$a [Install]\nWantedBy=sysinit.target' "$root/etc/systemd/system/resolv-conf.service"

# --- console --------------------------------------------------------------------------------------------------------
# Whoever can attach to a server's console is root on its host, so it logs root in. There are no virtual terminals.
mkdir -p "$root/etc/systemd/system/console-getty.service.d"
cat > "$root/etc/systemd/system/console-getty.service.d/autologin.conf" <<'EOF'
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noclear --keep-baud console 115200,38400,9600 $TERM
EOF
chroot "$root" systemctl --quiet enable console-getty.service systemd-networkd.service resolv-conf.service resolv-conf.path
chroot "$root" systemctl --quiet set-default multi-user.target

# --- what a server without a kernel of its own cannot run, or must not -----------------------------------------------
chroot "$root" systemctl --quiet disable getty@tty1.service e2scrub_reap.service e2scrub_all.timer fstrim.timer \
    apt-daily.timer apt-daily-upgrade.timer systemd-pstore.service systemd-networkd-wait-online.service 2>/dev/null || true
for unit in getty@tty1.service getty-static.service systemd-networkd-wait-online.service systemd-udevd.service \
    systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service systemd-modules-load.service \
    systemd-remount-fs.service systemd-journald-audit.socket sys-kernel-debug.mount sys-kernel-tracing.mount \
    sys-kernel-config.mount sys-fs-fuse-connections.mount dev-hugepages.mount dev-mqueue.mount \
    systemd-firstboot.service kmod-static-nodes.service proc-sys-fs-binfmt_misc.automount; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

# --- ssh: there, off, with keys of its own at the first start ---------------------------------------------------------
chroot "$root" systemctl --quiet disable ssh.service ssh.socket 2>/dev/null || true
mkdir -p "$root/etc/systemd/system/ssh.service.d"
cat > "$root/etc/systemd/system/ssh.service.d/host-keys.conf" <<'EOF'
[Service]
ExecStartPre=
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStartPre=/usr/sbin/sshd -t
EOF

# --- what the build left ----------------------------------------------------------------------------------------------
# How the host's apt reaches its mirror holds inside too, but for what names the host itself or holds a password.
grep -vE 'Languages|@|127\.|localhost|\[::1\]' "$root/etc/apt/apt.conf.d/99mmdebstrap" \
    > "$root/etc/apt/apt.conf.d/80host" || rm "$root/etc/apt/apt.conf.d/80host"
rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
if [ -e "$root/etc/apt/sources.list.d/0000debian.sources" ]; then
    mv "$root/etc/apt/sources.list.d/0000debian.sources" "$root/etc/apt/sources.list.d/debian.sources"
fi
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old \
    "$root"/var/log/apt/* "$root"/var/log/dpkg.log "$root"/var/log/alternatives.log
