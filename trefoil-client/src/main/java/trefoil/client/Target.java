package trefoil.client;

/** Builds a request target: path segments and query values percent-encoded, unset values left out. */
final class Target {
    private final StringBuilder text = new StringBuilder("/1.0");
    private boolean query;

    private Target() {}

    static Target of(String... segments) {
        Target target = new Target();
        for (String segment : segments) {
            target.text.append('/').append(segment(segment));
        }
        return target;
    }

    /** {@code .} and {@code ..} would be resolved away by the other side (RFC 3986, section 5.2.4): no resource is called so. */
    private static String segment(String segment) {
        if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
            throw new IllegalArgumentException("not a name: \"" + segment + "\"");
        }
        return Percent.encode(segment);
    }

    /** Adds a query parameter unless {@code value} is {@code null}. */
    Target with(String name, Object value) {
        if (value != null) {
            text.append(query ? '&' : '?').append(name).append('=').append(Percent.encode(value.toString()));
            query = true;
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
