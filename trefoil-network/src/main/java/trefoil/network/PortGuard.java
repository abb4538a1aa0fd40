package trefoil.network;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.NftBatch;
import trefoil.linux.netlink.NftSocket;

/**
 * The guard's knowledge of one server: which hardware, IPv4 and IPv6 addresses its port may use. Kept in sets of the
 * bridge table and changed by one netlink transaction. Thread-safe.
 */
final class PortGuard {
    private static final int NAME = 16; // IFNAMSIZ

    private record Element(String set, byte[] key) {}

    private final NftSocket nft;
    private final String table;

    PortGuard(NftSocket nft, String tag) {
        this.nft = nft;
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
        nft.run(batch);
    }

    /** Forgets the port. What is not known does not matter. */
    void dismiss(Attachment attachment) throws ErrnoException {
        List<Element> elements = elements(attachment);
        if (!delete(elements)) {
            for (Element element : elements) { // some were missing, and the kernel undid the rest
                delete(List.of(element));
            }
        }
    }

    private boolean delete(List<Element> elements) throws ErrnoException {
        NftBatch batch = new NftBatch();
        for (Element element : elements) {
            batch.deleteElement(NftBatch.BRIDGE, table, element.set, element.key);
        }
        try {
            nft.run(batch);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
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
}
