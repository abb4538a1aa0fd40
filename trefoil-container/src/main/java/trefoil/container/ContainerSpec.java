package trefoil.container;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a container is to be.
 *
 * @param name its name and host name; a DNS label
 * @param directory its own directory in the state directory: upper and work directories, disk image, console log
 * @param layers directories of the image's layers, lowest first, owned by uid and gid 0–65535 as inside
 * @param command what runs as process 1; empty for {@code /sbin/init}
 * @param environment variables of process 1
 * @param user whom it runs as, a name or number of the container's own, optionally {@code :} and a group; empty for root
 * @param workingDirectory where it starts, absolute; empty for {@code /}
 * @param idBase first host uid and gid of its range of 65,536; inside they are 0–65535
 * @param limits what it may use
 * @param disk most bytes its root may hold beyond its layers; {@code null} for no limit
 * @param nesting grants what containers inside need
 */
public record ContainerSpec(
        String name,
        Path directory,
        List<Path> layers,
        List<String> command,
        Map<String, String> environment,
        String user,
        String workingDirectory,
        int idBase,
        ResourceLimits limits,
        Long disk,
        boolean nesting) {

    /** One whose process 1 runs as root in {@code /}. */
    public ContainerSpec(
            String name,
            Path directory,
            List<Path> layers,
            List<String> command,
            Map<String, String> environment,
            int idBase,
            ResourceLimits limits,
            Long disk,
            boolean nesting) {
        this(name, directory, layers, command, environment, "", "", idBase, limits, disk, nesting);
    }
}
