package trefoil.cli.value;

import trefoil.api.PortForward;

/** Forwarded ports: {@code [ADDRESS:]HOSTPORT:SERVERPORT[/tcp|/udp]}, an IPv6 address in brackets. */
public final class Ports {
    private static final String WANTED = "a port to publish such as 8080:80, 127.0.0.1:8080:80 or 53:53/udp";

    private Ports() {}

    /** Parses {@code 8080:80}, {@code 127.0.0.1:8080:80/tcp}, {@code [::1]:8080:80}; a lone {@code 80} is {@code 80:80}. */
    public static PortForward parse(String text) {
        String rest = text.strip();
        String protocol = "tcp";
        int slash = rest.indexOf('/');
        if (slash >= 0) {
            protocol = rest.substring(slash + 1).toLowerCase(java.util.Locale.ROOT);
            rest = rest.substring(0, slash);
        }
        if (!protocol.equals("tcp") && !protocol.equals("udp")) {
            throw Quantity.wrong(text, WANTED);
        }
        int last = rest.lastIndexOf(':');
        if (last < 0) {
            return new PortForward(protocol, null, port(text, rest), port(text, rest));
        }
        int serverPort = port(text, rest.substring(last + 1));
        String host = rest.substring(0, last);
        int middle = host.lastIndexOf(':');
        String address = middle < 0 ? null : address(text, host.substring(0, middle));
        return new PortForward(protocol, address, port(text, host.substring(middle + 1)), serverPort);
    }

    private static String address(String text, String address) {
        boolean bracketed = address.startsWith("[") && address.endsWith("]");
        String bare = bracketed ? address.substring(1, address.length() - 1) : address;
        boolean shape = !bare.isEmpty() && (bracketed ? bare.indexOf(':') >= 0 : bare.indexOf(':') < 0);
        for (int i = 0; shape && i < bare.length(); i++) {
            char c = bare.charAt(i);
            shape = c == '.' || c == ':' || Character.digit(c, bracketed ? 16 : 10) >= 0 && c < 0x80;
        }
        if (!shape) {
            throw Quantity.wrong(text, WANTED);
        }
        return bare;
    }

    private static int port(String text, String digits) {
        int port = 0;
        for (int i = 0; i < digits.length() && port <= 65_535; i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw Quantity.wrong(text, WANTED);
            }
            port = port * 10 + digit;
        }
        if (port < 1 || port > 65_535) {
            throw new UsageException("\"" + text + "\": a port is a number from 1 to 65535", null);
        }
        return port;
    }

    /** The way {@link #parse} takes. */
    public static String show(PortForward port) {
        String address = port.hostAddress();
        String host = address == null ? "" : address.indexOf(':') >= 0 ? "[" + address + "]:" : address + ":";
        return host + port.hostPort() + ":" + port.serverPort() + ("udp".equals(port.protocol()) ? "/udp" : "");
    }
}
