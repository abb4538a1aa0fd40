package trefoil.linux.cgroup;

import java.nio.file.Path;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.host.KernelFile;

/** The control files of one group. */
interface ControlFiles {
    /** The text of one. */
    String read(String file) throws ErrnoException;

    /** Writes a value to one, in one write(2). */
    void write(String file, String value) throws ErrnoException;

    /** The text of one, or {@code absent} where this kernel has no such file. */
    default String read(String file, String absent) throws ErrnoException {
        try {
            return read(file);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return absent;
            }
            throw e;
        }
    }

    /** Those in a directory of a cgroup file system. */
    static ControlFiles of(Path directory) {
        return new ControlFiles() {
            @Override
            public String read(String file) throws ErrnoException {
                return KernelFile.read(directory + "/" + file);
            }

            @Override
            public void write(String file, String value) throws ErrnoException {
                KernelFile.write(directory + "/" + file, value);
            }

            @Override
            public String toString() {
                return directory.toString();
            }
        };
    }
}
