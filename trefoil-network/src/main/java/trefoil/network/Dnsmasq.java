package trefoil.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The DHCP and DNS server of one network, {@code dnsmasq(8)} of the Debian package dnsmasq-base: static leases for the
 * servers that are attached and nobody else, their names as A, AAAA and PTR records, router advertisements
 * (RFC 4861) that lead to the addresses which the servers have already, everything else asked of the host's own
 * resolvers. It runs as an unprivileged user in a session of its own, so that it survives the daemon; it is found again
 * by its pid file, believed only when that process was started with this network's configuration file. Not thread-safe.
 */
final class Dnsmasq {
    private static final int STOP_SECONDS = 5;
    private static final List<String> USERS = List.of("dnsmasq", "nobody");

    private final NetworkSpec spec;
    private final Path home;

    /** @param home directory of the network's records */
    Dnsmasq(NetworkSpec spec, Path home) {
        this.spec = spec;
        this.home = home;
    }

    private Path configuration() {
        return home.resolve("dnsmasq.conf");
    }

    /** Starts it, restarts it when its configuration has to change, or leaves it as it runs. */
    void start(int mtu) throws NetworkException {
        String wanted = configuration(mtu);
        Optional<ProcessHandle> running = running();
        if (running.isPresent()) {
            if (wanted.equals(readConfiguration())) {
                return;
            }
            stop();
        }
        try {
            NetworkRecords.write(configuration(), wanted);
            prepareLeases();
        } catch (IOException e) {
            throw new NetworkException("cannot write " + configuration() + ": " + e.getMessage(), null, e);
        }
        launch();
    }

    private String readConfiguration() throws NetworkException {
        try {
            return Files.readString(configuration());
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new NetworkException("cannot read " + configuration() + ": " + e.getMessage(), null, e);
        }
    }

    private void prepareLeases() throws IOException {
        Path leases = home.resolve("leases");
        if (!Files.exists(leases)) {
            Files.createFile(leases);
        }
        Files.setOwner(leases, leases.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(account().name()));
    }

    /** It becomes a daemon by itself: the process that is started ends once sockets are bound, or says what is wrong. */
    private void launch() throws NetworkException {
        Path program = Command.need("dnsmasq", "dnsmasq-base");
        Command done = Command.run("", program.toString(), "--conf-file=" + configuration());
        if (done.status() != 0) {
            throw new NetworkException(
                    "dnsmasq for network " + spec.name() + " did not start: " + done.output(),
                    done.output().contains("in use")
                            ? "another DNS or DHCP server listens on all addresses (see: ss -lunp): bind it to its own interfaces"
                            : "try by hand: " + program + " --no-daemon --conf-file=" + configuration(),
                    null);
        }
    }

    /** Ends it; nothing where it does not run. */
    void stop() throws NetworkException {
        Optional<ProcessHandle> running = running();
        if (running.isEmpty()) {
            return;
        }
        ProcessHandle process = running.get();
        process.destroy();
        if (!ended(process)) {
            process.destroyForcibly();
            if (!ended(process)) {
                throw new NetworkException("dnsmasq, pid " + process.pid() + ", does not end",
                        "kill -9 " + process.pid(), null);
            }
        }
    }

    /** It is no child of this process, so there is nothing to wait on but its entry in /proc. */
    private boolean ended(ProcessHandle process) throws NetworkException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        try {
            while (holdsItsSockets(process.pid())) {
                if (System.nanoTime() > end) {
                    return false;
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NetworkException("interrupted while stopping dnsmasq", null, e);
        }
    }

    /** A process that ends loses its memory, and with it the command line, before its files: only as a zombie it has none. */
    private static boolean holdsItsSockets(long pid) {
        try {
            String status = Files.readString(Path.of("/proc/" + pid + "/stat")); // pid (comm) state …, proc_pid_stat(5)
            return status.contains("(dnsmasq) ") && "ZX".indexOf(status.charAt(status.lastIndexOf(')') + 2)) < 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** The process that serves this network, if it lives. */
    Optional<ProcessHandle> running() {
        try {
            long pid = Long.parseLong(Files.readString(home.resolve("dnsmasq.pid")).strip());
            return isOurs(pid) ? ProcessHandle.of(pid) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // no file, or one cut off by a crash: nothing that could be adopted
        }
    }

    /** Pids are used again: only the command line tells. A zombie's is empty. */
    private boolean isOurs(long pid) {
        try {
            String line = new String(Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")), StandardCharsets.UTF_8);
            List<String> words = List.of(line.split("\0"));
            return words.getFirst().endsWith("dnsmasq") && words.contains("--conf-file=" + configuration());
        } catch (IOException e) {
            return false;
        }
    }

    private String configuration(int mtu) throws NetworkException {
        Account account = account();
        StringBuilder c = new StringBuilder("# Written by Trefoil for network " + spec.name() + "; changes are lost.\n");
        c.append("user=").append(account.name()).append("\ngroup=").append(account.group()).append('\n');
        c.append("pid-file=").append(home.resolve("dnsmasq.pid")).append('\n');
        c.append("interface=").append(spec.bridge()).append('\n');
        c.append("""
                bind-dynamic
                except-interface=lo
                no-hosts
                domain-needed
                bogus-priv
                cache-size=1000
                dhcp-authoritative
                dhcp-ignore-names
                no-ping
                quiet-dhcp
                quiet-dhcp6
                quiet-ra
                """);
        c.append("hostsdir=").append(home.resolve("hosts")).append('\n');
        c.append("dhcp-hostsdir=").append(home.resolve("dhcp")).append('\n');
        c.append("dhcp-leasefile=").append(home.resolve("leases")).append('\n');
        c.append("domain=").append(spec.domain()).append("\nlocal=/").append(spec.domain()).append("/\n");
        c.append("dhcp-option=option:mtu,").append(mtu).append('\n');
        if (spec.ipv4() != null) {
            Prefix subnet = Prefix.parse(spec.ipv4());
            c.append("dhcp-range=").append(Prefix.text(subnet.network())).append(",static,")
                    .append(mask(subnet)).append(",12h\n");
        }
        if (spec.ipv6() != null) {
            Prefix subnet = Prefix.parse(spec.ipv6());
            c.append("enable-ra\ndhcp-range=").append(Prefix.text(subnet.network())).append(",ra-stateless,64,12h\n");
            c.append("dhcp-option=option6:dns-server,[").append(Prefix.text(subnet.address())).append("]\n");
            c.append("ra-param=").append(spec.bridge()).append(",mtu:").append(mtu).append(",60,1800\n");
        }
        return c.toString();
    }

    private static String mask(Prefix subnet) {
        int bits = (int) (0xffff_ffffL << (32 - subnet.length()));
        return (bits >>> 24) + "." + (bits >>> 16 & 255) + "." + (bits >>> 8 & 255) + "." + (bits & 255);
    }

    private record Account(String name, String group) {}

    /** The unprivileged user that the package made, else nobody, with its primary group. */
    private static Account account() throws NetworkException {
        try {
            List<String[]> users = entries("/etc/passwd");
            List<String[]> groups = entries("/etc/group");
            for (String wanted : USERS) {
                for (String[] user : users) {
                    if (user[0].equals(wanted) && user.length > 3) {
                        return new Account(wanted, group(groups, user[3]));
                    }
                }
            }
        } catch (IOException e) {
            throw new NetworkException("the user for dnsmasq cannot be looked up: " + e.getMessage(), null, e);
        }
        throw new NetworkException("neither user dnsmasq nor nobody exists", "apt install --reinstall dnsmasq-base", null);
    }

    private static String group(List<String[]> groups, String id) {
        return groups.stream().filter(g -> g.length > 2 && g[2].equals(id)).map(g -> g[0]).findFirst().orElse("nogroup");
    }

    private static List<String[]> entries(String file) throws IOException {
        return Files.readAllLines(Path.of(file)).stream().map(line -> line.split(":")).toList();
    }
}
