package trefoil.network;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import trefoil.linux.netlink.Link;

/**
 * Names and hardware addresses of the interfaces of one daemon. Names have at most 15 characters (IFNAMSIZ − 1):
 *
 * <pre>{@code
 * bridge    trefoil0 | tf<tag>b0 for the default network, tf-<name> | tf<tag>-<name> for others, shortened by a hash
 * host end  tf<tag> and seven base-36 digits of the IPv4 address (or a hash of the hardware address)
 * ifb       ti<tag> and the same digits
 * }</pre>
 *
 * @param tag keeps daemons apart, 0–6 characters of {@code a-z 0-9}
 */
record InterfaceNames(String tag) {
    private static final int LONGEST = 15;
    private static final int DIGITS = 7;
    /** Name of the network that every host has. */
    static final String DEFAULT_NETWORK = "default";

    String bridge(String network) {
        if (network.equals(DEFAULT_NETWORK)) {
            return tag.isEmpty() ? "trefoil0" : "tf" + tag + "b0";
        }
        String start = "tf" + tag + "-";
        if (start.length() + network.length() <= LONGEST) {
            return start + network;
        }
        int left = LONGEST - start.length();
        String digest = base36(digest("bridge", network), Math.min(left, 6));
        return start + network.substring(0, Math.min(network.length(), left - digest.length())) + digest;
    }

    /** The host's end of a server's cable, veth or tap. IPv4 addresses of one daemon's networks are distinct, so the names are. */
    String hostInterface(String ipv4, String mac) {
        byte[] number = ipv4 == null ? Arrays.copyOf(digest("port", mac), 5) : Prefix.literal(ipv4).getAddress();
        return "tf" + tag + base36(number, DIGITS);
    }

    String ifb(String hostInterface) {
        return "ti" + hostInterface.substring(2);
    }

    /** Whether the interface is a veth, tap or ifb that this daemon made. */
    boolean isPort(Link link) {
        String start = switch (link.kind()) {
            case "veth", Taps.KIND -> "tf" + tag;
            case "ifb" -> "ti" + tag;
            default -> "\0";
        };
        return link.name().startsWith(start) && link.name().substring(start.length()).matches("[0-9a-z]{" + DIGITS + "}");
    }

    /** Whether a bridge of that name can only be this daemon's. */
    boolean isBridge(String name) {
        return name.equals(bridge(DEFAULT_NETWORK)) || name.startsWith("tf" + tag + "-");
    }

    /** A locally administered unicast address (IEEE 802, second bit of the first byte), always the same for the same place. */
    String mac(String network, String place) {
        byte[] bytes = Arrays.copyOf(digest(network, place), 6);
        bytes[0] = 0x02;
        return HexFormat.ofDelimiter(":").formatHex(bytes);
    }

    private byte[] digest(String... words) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(tag.getBytes(StandardCharsets.UTF_8));
            for (String word : words) {
                sha256.update((byte) 0);
                sha256.update(word.getBytes(StandardCharsets.UTF_8));
            }
            return sha256.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String base36(byte[] number, int digits) {
        String text = "0".repeat(digits) + new BigInteger(1, number).toString(36);
        return text.substring(text.length() - digits);
    }
}
