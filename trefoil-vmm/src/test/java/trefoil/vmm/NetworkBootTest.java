package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Linux's own virtio-net driver on our card: an address by DHCP, neighbours, names, and 16 MiB by TCP either way. */
class NetworkBootTest {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final long MIB = 1 << 20;
    private static final int CONTENT = 16 << 20;
    private static final int AGAIN = 1 << 20;
    private static final int LONGEST_MINUTES = 3;
    private static final List<String> MODULES =
            List.of("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "failover", "net_failover", "virtio_net");
    private static final String DHCP =
            """
            #!/bin/sh
            if [ "$1" = bound ]; then
              ip addr add $ip/$mask dev $interface
              ip route add default via $router
              echo "nameserver $dns" > /etc/resolv.conf
              echo "search $domain" >> /etc/resolv.conf
              echo "lease: $ip router $router"
            fi
            """;
    private static final String INIT =
            """
            #!/bin/busybox sh
            /bin/busybox --install -s /bin
            export PATH=/bin
            mount -t proc proc /proc
            mount -t sysfs sys /sys
            mount -t devtmpfs dev /dev
            for m in MODULES; do insmod /lib/$m.ko || echo "no $m"; done
            ip link set lo up
            ip link set eth0 up
            echo "card: $(cat /sys/class/net/eth0/address) mtu $(cat /sys/class/net/eth0/mtu) carrier $(cat /sys/class/net/eth0/carrier)"
            udhcpc -i eth0 -n -q -f -t 20 -T 1 -s /dhcp
            ping -c 3 -i 0.2 -W 10 HOST > /dev/null && echo "host: answers"
            ping -c 3 -i 0.2 -W 10 neighbour > /dev/null && echo "neighbour: answers"
            n=0; until ip -6 addr show eth0 | grep global | grep -qv tentative || [ $n = 50 ]; do sleep 0.2; n=$((n + 1)); done
            ping6 -c 3 -i 0.2 -W 10 HOST6 > /dev/null && echo "host by IPv6: answers"
            ping -c 1 -s 1472 -W 10 HOST > /dev/null && echo "full packet: answers"
            wget -q -O /content http://HOST:8080/ALL
            wget -q -O - --post-file /content http://neighbour:8080/
            ip addr show eth0
            rmmod virtio_net && insmod /lib/virtio_net.ko csum=0 gso=0
            ip link set eth0 up
            udhcpc -i eth0 -n -q -f -t 20 -T 1 -s /dhcp > /dev/null
            wget -q -O /again http://neighbour:8080/SOME
            wget -q -O - --post-file /again http://HOST:8080/
            dmesg | grep -E 'WARNING|BUG|Oops|Call Trace|virtio_net' || echo "log: clean"
            poweroff -f
            """;

    @TempDir
    Path directory;

    @Test
    void aGuestTalksToItsHostAndItsNeighbour() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/1/environ")), "skipped: needs root for network namespaces and taps");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "skipped: needs the kernel's module tun");
        assumeTrue(Files.isExecutable(BUSYBOX), "skipped: busybox-static is not there (apt-get install busybox-static)");
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/dnsmasq")) && Files.isExecutable(Path.of("/usr/sbin/nft")), "skipped: dnsmasq or nft is not there (apt-get install dnsmasq-base nftables)");
        Path kernel = DebianKernel.image();
        byte[] content = text();
        String sum = sha256(content);
        try (Lan lan = new Lan(directory.resolve("run"), content)) {
            MachinePlan plan = new MachinePlan("test", 256 * MIB, kernel, initrd(lan), "console=ttyS0 mitigations=off cryptomgr.notests quiet panic=-1", List.of(), List.of(lan.card()));
            Terminal terminal = new Terminal("\0", "");
            try (Machine machine = lan.machine(plan, terminal)) {
                CountDownLatch ended = new CountDownLatch(1);
                Thread watchdog = Thread.startVirtualThread(() -> stopLate(machine, ended));
                Machine.Outcome outcome = machine.run();
                ended.countDown();
                watchdog.join();
                String log = terminal.text();
                assertThat(outcome.end()).as(log).isEqualTo(Machine.End.POWERED_OFF);
                assertThat(log)
                        .contains("card: " + lan.card().mac() + " mtu 1500 carrier 1", "lease: " + lan.guest().ipv4() + " router " + lan.gateway())
                        .contains("inet6 " + lan.guest().ipv6() + "/64", "host: answers", "host by IPv6: answers", "neighbour: answers", "full packet: answers", "uploaded " + sum, "uploaded " + sha256(Arrays.copyOf(content, AGAIN)), "log: clean")
                        .doesNotContain("no virtio", "no failover");
            }
        }
    }

    /** Without a NUL, at which busybox's wget ends what it sends. */
    private static byte[] text() {
        byte[] text = new byte[CONTENT];
        new Random(20261123).nextBytes(text);
        for (int i = 0; i < text.length; i++) {
            text[i] |= 1;
        }
        return text;
    }

    private static void stopLate(Machine machine, CountDownLatch ended) {
        try {
            if (!ended.await(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                machine.stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path initrd(Lan lan) throws Exception {
        InitialRamDisk archive = new InitialRamDisk();
        for (String name : List.of("bin", "dev", "etc", "lib", "proc", "sys")) {
            archive.directory(name);
        }
        archive.file("bin/busybox", Files.readAllBytes(BUSYBOX));
        for (String module : MODULES) {
            archive.file("lib/" + module + ".ko", DebianKernel.module(module));
        }
        archive.file("dhcp", DHCP.getBytes(StandardCharsets.US_ASCII));
        archive.file("init", INIT.replace("MODULES", String.join(" ", MODULES)).replace("ALL", "" + CONTENT).replace("SOME", "" + AGAIN).replace("HOST6", lan.gateway6()).replace("HOST", lan.gateway()).getBytes(StandardCharsets.US_ASCII));
        Path file = directory.resolve("initrd.gz");
        archive.write(file);
        return file;
    }

    static String sha256(byte[] octets) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    }
}
