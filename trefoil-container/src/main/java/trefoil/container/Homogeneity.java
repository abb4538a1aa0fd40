package trefoil.container;

import java.nio.file.Path;
import java.util.List;

/** Whether the host's kernel can run an image: all OS-level servers must run the host's operating system kernel. */
public final class Homogeneity {
    private Homogeneity() {}

    /**
     * Passes, or says which field of which file failed. Looks only; makes nothing. The layers are untrusted: every path
     * is resolved inside them.
     *
     * @param layers the image's layers, lowest first
     * @param command what will run as process 1; empty for {@code /sbin/init}
     */
    public static void check(List<Path> layers, List<String> command) throws ContainerException {
        throw new UnsupportedOperationException("the homogeneity check is not written yet");
    }
}
