package trefoil.benchmarks;

import java.time.Duration;

/** What is booted, and the line on the serial console that ends the clock: the same image prints it on either machine. */
enum BootCase {
    /** Busybox's shell is the first program of the system itself to say something. */
    TINY("tiny", "tiny (busybox) to first user-space line", "busybox", "built-in shell", Duration.ofSeconds(120)),
    DEBIAN("debian", "Debian 12 to login", "debian:12", " login: ", Duration.ofSeconds(400));

    private final String word;
    private final String title;
    private final String image;
    private final String marker;
    private final Duration patience;

    BootCase(String word, String title, String image, String marker, Duration patience) {
        this.word = word;
        this.title = title;
        this.image = image;
        this.marker = marker;
        this.patience = patience;
    }

    /** Its short name, which its machines have as well. */
    String word() {
        return word;
    }

    /** In the report. */
    String title() {
        return title;
    }

    /** Alias of the image. */
    String image() {
        return image;
    }

    /** What ends the clock. */
    String marker() {
        return marker;
    }

    /** Longest boot that is waited for. */
    Duration patience() {
        return patience;
    }
}
