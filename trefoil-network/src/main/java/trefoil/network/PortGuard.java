package trefoil.network;

import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.NftBatch;
import trefoil.linux.netlink.NftSocket;

/**
 * The guard's knowledge of one server: which hardware, IPv4 and IPv6 addresses its port may use. Kept in sets of the
 * bridge table and changed by one netlink transaction. Each transaction waits for a grace period of the kernel's; so ports
 * that are dismissed together are {@linkplain Gathered gathered}, and on a socket of their own. Thread-safe.
 */
final class PortGuard implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PortGuard.class.getName());
    private static final int NAME = 16; // IFNAMSIZ

    /** Ports dismissed in one transaction: some 2 KiB each, and a netlink socket takes 200 KiB at once (socket(7), wmem_default). */
    private static final int MOST = 64;

    private record Element(String set, byte[] key) {}

    /** Transactions. */
    @FunctionalInterface
    interface Transactions {
        /** Commits one. */
        void run(NftBatch batch) throws ErrnoException;
    }

    private final Transactions admissions;
    private final NftSocket own;
    private final Transactions dismissals;
    private final String table;
    private final Gathered<Attachment> gathered = new Gathered<>(MOST, this::dismiss);

    /**
     * @param admissions shared with others
     * @param dismissals closed with this
     */
    PortGuard(NftSocket admissions, NftSocket dismissals, String tag) {
        this(admissions::run, dismissals::run, dismissals, tag);
    }

    /** For tests: with transactions that are looked at on their way. */
    PortGuard(Transactions admissions, Transactions dismissals, NftSocket own, String tag) {
        this.admissions = admissions;
        this.dismissals = dismissals;
        this.own = own;
        this.table = Ruleset.tableName(tag);
    }

    /** The IPv6 addresses that are the server's alone: its link-local one and that of the network. */
    static List<InetAddress> ipv6(Attachment attachment) {
        List<InetAddress> addresses = new ArrayList<>();
        addresses.add(AddressPlan.linkLocal(attachment.mac()));
        if (attachment.ipv6() != null) {
            addresses.add(Prefix.literal(attachment.ipv6()));
        }
        return addresses;
    }

    /**
     * From now on the port may use the server's addresses, and nothing else. ENOENT when the rules are not loaded: the guard's, or
     * those of the other table, which knows the bridge already unless somebody deleted it.
     */
    void admit(String bridge, Attachment attachment) throws ErrnoException {
        NftBatch batch = new NftBatch();
        batch.addElement(NftBatch.INET, table, "bridges", interfaceName(bridge));
        for (Element element : elements(attachment)) {
            batch.addElement(NftBatch.BRIDGE, table, element.set, element.key);
        }
        admissions.run(batch);
    }

    /** Forgets the port. What is not known does not matter. */
    void dismiss(Attachment attachment) throws ErrnoException {
        gathered.remove(attachment);
    }

    private Map<Attachment, ErrnoException> dismiss(List<Attachment> all) {
        try {
            delete(all.stream().flatMap(attachment -> elements(attachment).stream()).toList());
            return Map.of();
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, () -> all.size() + " ports are dismissed one by one, since dismissing them together was refused: " + e.getMessage());
        }
        Map<Attachment, ErrnoException> failures = new HashMap<>();
        for (Attachment attachment : all) {
            try {
                for (Element element : elements(attachment)) {
                    deleteIfThere(element);
                }
            } catch (ErrnoException e) {
                failures.put(attachment, e);
            }
        }
        return failures;
    }

    private void deleteIfThere(Element element) throws ErrnoException {
        try {
            delete(List.of(element));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) { // there is no such set any more
                throw e;
            }
        }
    }

    /** Each is put in before it is taken out: that of an element that is not there would undo the whole transaction. */
    private void delete(List<Element> elements) throws ErrnoException {
        NftBatch batch = new NftBatch();
        for (Element element : elements) {
            batch.addElement(NftBatch.BRIDGE, table, element.set, element.key);
            batch.deleteElement(NftBatch.BRIDGE, table, element.set, element.key);
        }
        dismissals.run(batch);
    }

    private static List<Element> elements(Attachment a) {
        byte[] port = interfaceName(a.hostInterface());
        byte[] mac = Arrays.copyOf(HexFormat.ofDelimiter(":").parseHex(a.mac()), 8); // parts are padded to 4 bytes
        List<Element> elements = new ArrayList<>();
        elements.add(new Element("macs", joined(port, mac)));
        if (a.ipv4() != null) {
            elements.add(new Element("v4", joined(port, Prefix.literal(a.ipv4()).getAddress())));
        }
        for (InetAddress address : ipv6(a)) {
            byte[] bytes = address.getAddress();
            elements.add(new Element("v6", joined(port, bytes)));
            elements.add(new Element("held6", bytes));
            elements.add(new Element("targets", joined(port, bytes)));
            elements.add(new Element("heldtargets", bytes));
        }
        elements.add(new Element("ports", port));
        return elements;
    }

    private static byte[] interfaceName(String name) {
        return Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), NAME);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Override
    public void close() {
        own.close();
    }
}
