package trefoil.daemon.lifecycle;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Limits;
import trefoil.api.PortForward;
import trefoil.api.RestartPolicy;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.daemon.machine.MachineJail;
import trefoil.linux.Sizes;
import trefoil.network.Forward;

/** What a configuration must be, and what stands where it says nothing. Each refusal names the member. */
final class Rules {
    /** A DNS label (RFC 1123, section 2.1) that begins with a letter. */
    private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final long LEAST_MEMORY = 1 << 20;
    private static final long LEAST_DISK = 16 << 20;
    private static final String TAKEN_AWAY = "; none (-1 in the API) takes the limit away";
    private static final int LONGEST_TEXT = 4096;

    private Rules() {}

    /** Refuses a name that is no DNS label. */
    static void name(String name) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw bad("name", "'" + shortened(String.valueOf(name)) + "' is not a server's name: 1–63 of a-z, 0-9 and '-', beginning with a letter, not ending with '-'",
                    "choose another name, such as web1");
        }
    }

    /** The configuration with every default set, or a refusal. */
    static ServerConfig complete(ServerConfig c) {
        name(c.name());
        if (c.image() == null || c.image().isBlank() || c.image().length() > 256) {
            throw bad("image", "it is missing", "name one, such as debian:12");
        }
        if (c.kind() == ServerKind.FULL) {
            throw new ApiException(
                    ErrorCode.NOT_IMPLEMENTED, "kind: this host runs no servers of kind full yet, only os and para",
                    "leave the kind out, or say os or para");
        }
        ServerConfig whole = new ServerConfig(
                c.name(), c.image(), c.kind() == ServerKind.PARA ? ServerKind.PARA : ServerKind.OS, limits(c.limits() == null ? Limits.NONE : c.limits()),
                c.network() == null ? "default" : c.network(),
                c.ports() == null ? List.of() : List.copyOf(c.ports()),
                c.command() == null ? List.of() : List.copyOf(c.command()),
                c.environment() == null ? Map.of() : Map.copyOf(c.environment()),
                Boolean.TRUE.equals(c.autostart()),
                c.restart() == null ? RestartPolicy.ON_FAILURE : c.restart(),
                Boolean.TRUE.equals(c.nesting()), Boolean.TRUE.equals(c.ephemeral()),
                c.description() == null ? "" : c.description());
        check(whole);
        return whole;
    }

    /** What a machine, whose own init runs it on a kernel of its own, cannot be given. */
    static void machine(ServerConfig c) {
        if (!Machines.is(c)) {
            return;
        }
        if (!c.command().isEmpty() || !c.environment().isEmpty()) {
            throw bad(c.command().isEmpty() ? "environment" : "command", "a server of kind para runs the init of its image", "leave it out and use trefoil exec, or say --kind os");
        }
        if (c.nesting()) {
            throw bad("nesting", "a server of kind para has a kernel of its own, and needs no leave to nest", "leave it out");
        }
        if (c.limits().memoryCap() != null && c.limits().memoryCap() < MachineJail.LEAST_MEMORY) {
            throw bad("limits.memoryCap", Sizes.words(c.limits().memoryCap()) + " is too little to boot with: a server of kind para needs " + Sizes.words(MachineJail.LEAST_MEMORY) + " or more", null);
        }
    }

    private static void check(ServerConfig c) {
        machine(c);
        ports(c.ports(), c.network());
        for (String word : c.command()) {
            text("command", word);
        }
        if (!c.command().isEmpty() && c.command().getFirst().isEmpty()) {
            throw bad("command", "its first word, the program, is empty", null);
        }
        c.environment().forEach((name, value) -> {
            if (!VARIABLE.matcher(name).matches()) {
                throw bad("environment", "'" + shortened(name) + "' is not a variable's name", null);
            }
            text("environment." + name, value);
        });
        text("description", c.description());
    }

    private static void text(String member, String value) {
        if (value == null || value.indexOf('\0') >= 0 || value.length() > LONGEST_TEXT) {
            throw bad(member, "a text of at most " + LONGEST_TEXT + " characters without NUL is expected", null);
        }
    }

    private static void ports(List<PortForward> ports, String network) {
        if (!ports.isEmpty() && network.equals("none")) {
            throw bad("ports", "a server without a network cannot have forwarded ports", null);
        }
        Set<String> seen = new HashSet<>();
        for (PortForward p : ports) {
            if (!"tcp".equals(p.protocol()) && !"udp".equals(p.protocol())) {
                throw bad("ports.protocol", "'" + p.protocol() + "' is neither tcp nor udp", null);
            }
            if (p.hostPort() < 1 || p.hostPort() > 65_535 || p.serverPort() < 1 || p.serverPort() > 65_535) {
                throw bad("ports", "a port is a number from 1 to 65535", null);
            }
            if (p.hostAddress() != null && !p.hostAddress().isEmpty()) {
                hostAddress(p.hostAddress());
            }
            if (!seen.add(p.protocol() + p.hostAddress() + "/" + p.hostPort())) {
                throw bad("ports", "port " + p.hostPort() + "/" + p.protocol() + " of the host is forwarded twice", null);
            }
        }
    }

    private static void hostAddress(String address) {
        try {
            Forward.checkHostAddress(address);
        } catch (IllegalArgumentException e) {
            throw bad("ports.hostAddress", e.getMessage(), "publish on 127.0.0.1, on another address of the host such as [2001:db8::1], or on none: that is all of them");
        }
    }

    /** Limits without those that were cleared, or a refusal. */
    static Limits limits(Limits l) {
        Limits set = new Limits(
                orNull(l.cpuWeight()), orNull(l.cpuCap()), orNull(l.memoryGuarantee()), orNull(l.memoryCap()),
                orNull(l.swapCap()), orNull(l.pids()), orNull(l.disk()), orNull(l.ioReadRate()), orNull(l.ioWriteRate()),
                orNull(l.networkReceiveRate()), orNull(l.networkTransmitRate()));
        within("limits.cpuWeight", set.cpuWeight(), 1, 10_000, "");
        if (set.cpuCap() != null && !(set.cpuCap() >= 0.01 && set.cpuCap() <= 65_536)) {
            throw bad("limits.cpuCap", set.cpuCap() + " is not a number of CPUs of at least 0.01", null);
        }
        atLeast("limits.memoryGuarantee", set.memoryGuarantee(), 0, "");
        atLeast("limits.memoryCap", set.memoryCap(), LEAST_MEMORY, "");
        atLeast("limits.swapCap", set.swapCap(), 0, "");
        within("limits.pids", set.pids(), 1, 4_194_304, "");
        atLeast("limits.disk", set.disk(), LEAST_DISK, "");
        atLeast("limits.ioReadRate", set.ioReadRate(), 1, "/s");
        atLeast("limits.ioWriteRate", set.ioWriteRate(), 1, "/s");
        within("limits.networkReceiveRate", set.networkReceiveRate(), 8000, Long.MAX_VALUE, " bits per second");
        within("limits.networkTransmitRate", set.networkTransmitRate(), 8000, Long.MAX_VALUE, " bits per second");
        if (set.memoryGuarantee() != null && set.memoryCap() != null && set.memoryGuarantee() > set.memoryCap()) {
            throw bad("limits.memoryGuarantee", "the guarantee (" + Sizes.words(set.memoryGuarantee())
                    + ") is above the cap (" + Sizes.words(set.memoryCap()) + ")", null);
        }
        return set;
    }

    private static <T extends Number> T orNull(T value) {
        return value != null && value.doubleValue() == Limits.CLEAR ? null : value;
    }

    private static void within(String member, Number value, long least, long most, String unit) {
        if (value != null && (value.longValue() < least || value.longValue() > most)) {
            throw bad(member, value + " is out of range: " + least + (most == Long.MAX_VALUE ? unit + " or more" : " to " + most + unit)
                    + TAKEN_AWAY, null);
        }
    }

    /** A size, or a rate of bytes. */
    private static void atLeast(String member, Long bytes, long least, String per) {
        if (bytes != null && bytes < least) {
            throw bad(member, Sizes.words(bytes) + per + " is out of range: " + Sizes.words(least) + per + " or more" + TAKEN_AWAY, null);
        }
    }

    private static String shortened(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    /** A refusal that names the member. */
    static ApiException bad(String member, String message, String next) {
        return new ApiException(ErrorCode.BAD_REQUEST, member + ": " + message, next);
    }
}
