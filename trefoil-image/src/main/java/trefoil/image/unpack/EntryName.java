package trefoil.image.unpack;

import java.util.ArrayList;
import java.util.List;
import trefoil.image.ImageException;
import trefoil.linux.unpack.At;

/**
 * Where in a layer a member belongs: the components of its raw name, without {@code .}; empty for the root itself.
 */
record EntryName(List<String> components) {
    private static final int COMPONENT_LIMIT = 255; // NAME_MAX
    private static final int PATH_LIMIT = 3000; // leaves room for the store's own directory below PATH_MAX
    private static final int DEPTH_LIMIT = 200;

    /** Refuses what a careful packer never writes: {@code ..}, and for a root file system a leading slash. */
    static EntryName of(String raw, Dialect dialect) throws ImageException {
        if (raw.startsWith("/") && dialect == Dialect.ROOTFS) {
            throw Refusal.bad(
                    "the archive holds the absolute name " + quoted(raw), "pack it with relative names: tar -C ROOTFS -cf rootfs.tar .");
        }
        List<String> components = new ArrayList<>();
        for (String component : raw.split("/", -1)) {
            if (component.equals("..")) {
                throw Refusal.bad("the archive holds a name that leads out of it: " + quoted(raw));
            }
            if (component.length() > COMPONENT_LIMIT) {
                throw Refusal.bad("the archive holds a name of more than " + COMPONENT_LIMIT + " bytes: " + quoted(raw));
            }
            if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        if (raw.length() > PATH_LIMIT || components.size() > DEPTH_LIMIT) {
            throw Refusal.bad("the archive holds a path of " + raw.length() + " bytes and " + components.size()
                    + " directories; Trefoil takes " + PATH_LIMIT + " and " + DEPTH_LIMIT + ": " + quoted(raw));
        }
        return new EntryName(List.copyOf(components));
    }

    /** Refuses a place, links resolved, that is deeper than a name may be. */
    static void refuseTooDeep(String place) throws ImageException {
        if (place.length() > PATH_LIMIT || place.chars().filter(c -> c == '/').count() > DEPTH_LIMIT) {
            throw Refusal.bad("the archive builds directories deeper than Trefoil takes, by way of links: " + quoted(place));
        }
    }

    private static String quoted(String raw) {
        return "\"" + At.readable(raw) + "\"";
    }

    boolean isRoot() {
        return components.isEmpty();
    }

    String last() {
        return components.getLast();
    }

    List<String> parent() {
        return components.subList(0, components.size() - 1);
    }

    @Override
    public String toString() {
        return At.readable(String.join("/", components));
    }
}
