package trefoil.linux.cgroup;

import java.util.List;
import trefoil.linux.FileDescriptor;

/**
 * What a process needs in order to be born into a group. The caller closes it.
 *
 * @param joinFiles version 1 {@code tasks} files: the child writes {@code "0"} to each, which moves the writing thread
 *     alone and so must happen while it has one thread
 * @param cloneInto directory of a cgroup2 group for {@code clone_args.cgroup} with CLONE_INTO_CGROUP (clone3(2), Linux
 *     5.7); {@code null} for none
 */
public record Birth(List<FileDescriptor> joinFiles, FileDescriptor cloneInto) implements AutoCloseable {
    /** Copies the list. */
    public Birth {
        joinFiles = List.copyOf(joinFiles);
    }

    /** Closes all of its descriptors. */
    @Override
    public void close() {
        joinFiles.forEach(FileDescriptor::close);
        if (cloneInto != null) {
            cloneInto.close();
        }
    }
}
