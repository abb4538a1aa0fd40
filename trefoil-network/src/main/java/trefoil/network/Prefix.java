package trefoil.network;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;

/**
 * An address with the length of its network part, such as {@code 10.77.0.1/24}.
 *
 * @param address the address, host bits included
 * @param length bits of the network part, 0–32 or 0–128
 */
record Prefix(InetAddress address, int length) {
    Prefix {
        if (length < 0 || length > address.getAddress().length * 8) {
            throw new IllegalArgumentException("prefix length " + length + " of " + address.getHostAddress());
        }
    }

    /** @throws IllegalArgumentException for anything but a literal address, a slash and a length */
    static Prefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("'" + text + "' is not an address with prefix length, as 10.77.0.1/24 is");
        }
        return new Prefix(literal(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    /** The address that the text spells; never asks a name server. */
    static InetAddress literal(String text) {
        try {
            if (text.indexOf('%') < 0) {
                return InetAddress.ofLiteral(text);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is not an IPv4 or IPv6 address", e);
        }
        throw new IllegalArgumentException("'" + text + "' names an interface; a plain address is needed");
    }

    static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length, e);
        }
    }

    /** The address in RFC 5952's spelling, lower case, the longest run of zeros shortened. */
    static String text(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 ? address.getHostAddress() : ipv6(bytes);
    }

    private static String ipv6(byte[] bytes) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
        }
        int longest = 1;
        int start = -1;
        for (int i = 0, run = 0; i < 8; i++) {
            run = groups[i] == 0 ? run + 1 : 0;
            if (run > longest) {
                longest = run;
                start = i - run + 1;
            }
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += longest - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":");
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString().toLowerCase(Locale.ROOT);
    }

    boolean isIpv4() {
        return address.getAddress().length == 4;
    }

    private int bits() {
        return address.getAddress().length * 8;
    }

    private static BigInteger number(InetAddress address) {
        return new BigInteger(1, address.getAddress());
    }

    private BigInteger hosts() {
        return BigInteger.ONE.shiftLeft(bits() - length);
    }

    /** The first address: all host bits zero. */
    InetAddress network() {
        return host(BigInteger.ZERO);
    }

    /** The last address: all host bits one; IPv4's broadcast address. */
    InetAddress last() {
        return host(hosts().subtract(BigInteger.ONE));
    }

    /** The address whose host part is {@code n}. */
    InetAddress host(BigInteger n) {
        BigInteger base = number(address).divide(hosts()).multiply(hosts());
        byte[] raw = base.add(n).toByteArray();
        byte[] bytes = new byte[bits() / 8];
        int copied = Math.min(raw.length, bytes.length);
        System.arraycopy(raw, raw.length - copied, bytes, bytes.length - copied, copied);
        return of(bytes);
    }

    boolean contains(InetAddress other) {
        return other.getAddress().length == address.getAddress().length
                && Arrays.equals(new Prefix(other, length).network().getAddress(), network().getAddress());
    }

    boolean overlaps(Prefix other) {
        return other.length >= length ? contains(other.address) : other.contains(address);
    }

    /** The network in CIDR notation, host bits zero. */
    String cidr() {
        return text(network()) + "/" + length;
    }

    @Override
    public String toString() {
        return text(address) + "/" + length;
    }
}
