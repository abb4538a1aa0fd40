package trefoil.cli.catalogue;

import java.util.ArrayList;
import java.util.List;

/** Every command of {@code trefoil}: its words, what it does, and the class that does it. */
public final class Catalogue {
    /**
     * A command.
     *
     * @param words what is typed, one or two words
     * @param alias another word for it, or {@code null}
     * @param group heading in the overview
     * @param summary what it does, in one line
     */
    public record Entry(String words, String alias, String group, String summary) {
        /** The first of two words, or the only one. */
        public String first() {
            int blank = words.indexOf(' ');
            return blank < 0 ? words : words.substring(0, blank);
        }

        /** The second of two words, or {@code null}. */
        public String second() {
            int blank = words.indexOf(' ');
            return blank < 0 ? null : words.substring(blank + 1);
        }
    }

    private static final String SERVERS = "Servers";
    private static final String INSIDE = "Inside a server";
    private static final String IMAGES = "Images and networks";
    private static final String HOST = "Host";

    /** All, in the order of the overview. */
    public static final List<Entry> ALL = List.of(
            new Entry("launch", null, SERVERS, "make a server from an image and start it"),
            new Entry("create", null, SERVERS, "make a server without starting it"),
            new Entry("list", "ls", SERVERS, "list servers"),
            new Entry("info", null, SERVERS, "show a server, or the host, in full"),
            new Entry("start", null, SERVERS, "start servers"),
            new Entry("stop", null, SERVERS, "shut servers down"),
            new Entry("restart", null, SERVERS, "restart servers"),
            new Entry("pause", null, SERVERS, "freeze servers"),
            new Entry("resume", null, SERVERS, "let paused servers go on"),
            new Entry("delete", "rm", SERVERS, "delete servers"),
            new Entry("rename", null, SERVERS, "give a stopped server another name"),
            new Entry("set", null, SERVERS, "change limits and settings, also while it runs"),
            new Entry("top", null, SERVERS, "watch what servers use"),
            new Entry("explain", null, SERVERS, "show the steps of a launch without taking them"),
            new Entry("exec", null, INSIDE, "run a command in a server"),
            new Entry("console", null, INSIDE, "attach to a server's console"),
            new Entry("logs", null, INSIDE, "show a server's boot log and console output"),
            new Entry("file push", null, INSIDE, "copy files into a server"),
            new Entry("file pull", null, INSIDE, "copy files out of a server"),
            new Entry("file delete", null, INSIDE, "delete files in a server"),
            new Entry("image list", "ls", IMAGES, "list images"),
            new Entry("image show", null, IMAGES, "show an image in full"),
            new Entry("image build", null, IMAGES, "build an image, such as debian:12 or busybox"),
            new Entry("image import", null, IMAGES, "import a root file system's tarball or an OCI image"),
            new Entry("image export", null, IMAGES, "write an image to a tarball"),
            new Entry("image delete", "rm", IMAGES, "delete images"),
            new Entry("network list", "ls", IMAGES, "list networks"),
            new Entry("network show", null, IMAGES, "show a network in full"),
            new Entry("network create", null, IMAGES, "make a network"),
            new Entry("network delete", "rm", IMAGES, "delete networks"),
            new Entry("doctor", null, HOST, "find what keeps this host from running servers well"),
            new Entry("events", "monitor", HOST, "show events as they happen"),
            new Entry("query", null, HOST, "send a request to the daemon's API"),
            new Entry("daemon status", null, HOST, "show whether the daemon runs"),
            new Entry("daemon start", null, HOST, "start the daemon"),
            new Entry("daemon stop", null, HOST, "end the daemon; servers go on"),
            new Entry("demo", null, HOST, "launch demonstration servers; demo --stop removes them"),
            new Entry("bench", null, HOST, "measure against other container tools"),
            new Entry("completion", null, HOST, "print a completion script for bash, zsh or fish"),
            new Entry("version", null, HOST, "show versions"),
            new Entry("help", null, HOST, "show the help of a command"));

    private Catalogue() {}

    /** The command of one or two words, an alias allowed for the last; {@code null} when there is none. */
    public static Entry find(String first, String second) {
        for (Entry entry : ALL) {
            boolean group = entry.second() != null;
            String last = group ? entry.second() : entry.first();
            String typed = group ? second : first;
            if ((!group || entry.first().equals(first)) && typed != null && (last.equals(typed) || typed.equals(entry.alias()))) {
                return entry;
            }
        }
        return null;
    }

    /** The commands whose first word, of two, is {@code group}. */
    public static List<Entry> group(String group) {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : ALL) {
            if (entry.second() != null && entry.first().equals(group)) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** Every first word, aliases of single words included. */
    public static List<String> firstWords() {
        List<String> words = new ArrayList<>();
        for (Entry entry : ALL) {
            if (!words.contains(entry.first())) {
                words.add(entry.first());
            }
            if (entry.second() == null && entry.alias() != null) {
                words.add(entry.alias());
            }
        }
        return words;
    }
}
