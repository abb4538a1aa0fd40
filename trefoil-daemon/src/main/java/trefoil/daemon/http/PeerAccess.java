package trefoil.daemon.http;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.Stream;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;

/**
 * Who may use the API: root, and members of the group {@code trefoil}. The kernel says who connected (SO_PEERCRED,
 * unix(7)); the group's members are read from {@code /etc/group} (the peer's primary group counts too). Whoever is let
 * in can become root on the host; there are no lesser rights.
 */
public final class PeerAccess {
    /** The group whose members are let in. */
    public static final String GROUP = "trefoil";

    private final Path groups;
    private final UserPrincipal root;
    private final Set<SocketChannel> roots = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** @param groups the group file, group(5) */
    public PeerAccess(Path groups) throws IOException {
        this.groups = groups;
        UserPrincipalLookupService names = FileSystems.getDefault().getUserPrincipalLookupService();
        this.root = names.lookupPrincipalByName("root");
    }

    /** Refuses a peer that may not use the API. Root's connections are root's for good, so they are looked at once. */
    void check(SocketChannel channel) throws IOException {
        if (roots.contains(channel)) {
            return;
        }
        UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
        if (peer.user().equals(root)) {
            roots.add(channel);
            return;
        }
        if (allowed(peer.user().getName(), peer.group().getName())) {
            return;
        }
        throw new ApiException(
                ErrorCode.FORBIDDEN,
                "user " + peer.user().getName() + " may not use this daemon: only root and members of the group " + GROUP + " may",
                "as root, if that user is to have root's power over this host: usermod -aG " + GROUP + " "
                        + peer.user().getName());
    }

    boolean allowed(String user, String primaryGroup) throws IOException {
        if (primaryGroup.equals(GROUP)) {
            return true;
        }
        try (Stream<String> lines = Files.lines(groups, StandardCharsets.ISO_8859_1)) {
            return lines.map(line -> line.split(":", -1))
                    .filter(fields -> fields.length == 4 && fields[0].equals(GROUP))
                    .flatMap(fields -> Arrays.stream(fields[3].split(",")))
                    .anyMatch(member -> !member.isEmpty() && member.equals(user));
        }
    }
}
