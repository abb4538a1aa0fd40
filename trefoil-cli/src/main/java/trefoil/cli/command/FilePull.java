package trefoil.cli.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import trefoil.api.FileInfo;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operands;
import trefoil.cli.value.RemotePath;
import trefoil.cli.value.UsageException;
import trefoil.client.RemoteFile;
import trefoil.client.TrefoilClient;

/**
 * {@code trefoil file pull}. Names come from a server that may be hostile: none is taken that leads out of the target, and no
 * link on the way is followed.
 */
public final class FilePull extends Subcommand {
    /** Deeper nesting is a link that leads back into its own directory. */
    private static final int MAX_DEPTH = 100;

    private final Flag recursive = flag("-r", "--recursive", "Directories with all that is in them; links stay links.");

    private final Flag archive = flag("-a", "--archive", "Keep owners, by number, and set-user-id bits; for root; implies -r.");

    private final Flag createDirectories = flag("-p", "--create-dirs", "Make local directories that are missing.");

    private final Operands places = operands(2, "NAME:/PATH... TARGET", "What, and where to.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Copies files out of a server. A link that is named is followed, inside the server; one found in a directory stays one.

                Files keep their permissions and are yours, unless --archive says otherwise.

                - as the target is standard output.
                """,
                """
                trefoil file pull web1:/etc/hosts .
                trefoil file pull -r web1:/var/log ./log
                trefoil file pull web1:/etc/hosts -
                """);
    }

    @Override
    protected int run() throws IOException {
        List<RemotePath> sources = places.all().subList(0, places.all().size() - 1).stream().map(RemotePath::parse).toList();
        String target = places.all().getLast();
        TrefoilClient daemon = session().daemon();
        for (RemotePath source : sources) {
            try (RemoteFile file = daemon.readFile(source.server(), source.path())) {
                if (target.equals("-")) {
                    print(source, file);
                } else {
                    pull(daemon, source, file, local(source, target, sources.size() > 1));
                }
            }
        }
        return 0;
    }

    private Path local(RemotePath source, String target, boolean several) throws IOException {
        Path path = Path.of(target);
        boolean into = several || target.endsWith("/") || Files.isDirectory(path);
        Path place = into ? path.resolve(source.name().isEmpty() ? source.server() : source.name()) : path;
        if (createDirectories.isSet() && place.toAbsolutePath().getParent() != null) {
            Files.createDirectories(place.toAbsolutePath().getParent());
        }
        return place;
    }

    private void print(RemotePath source, RemoteFile file) throws IOException {
        if (!file.info().type().equals("file")) {
            throw new UsageException(source + " is a " + file.info().type() + " and cannot be printed", null);
        }
        file.content().transferTo(session().out());
    }

    private void pull(TrefoilClient daemon, RemotePath source, RemoteFile file, Path target) throws IOException {
        if (file.info().type().equals("directory")) {
            if (!recursive.isSet() && !archive.isSet()) {
                throw new UsageException(source + " is a directory", "trefoil file pull -r");
            }
            pullDirectory(daemon, source, file.info(), target, 0);
        } else {
            write(file, target);
        }
    }

    private void pullDirectory(TrefoilClient daemon, RemotePath source, FileInfo info, Path target, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException(source + " lies deeper than " + MAX_DEPTH + " directories: does a link lead back?");
        }
        if (!Files.isDirectory(target, depth == 0 ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS})) {
            Files.createDirectory(target);
        }
        for (String name : info.entries()) {
            if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
                throw new IOException("the server names an entry of " + source + " that leads elsewhere");
            }
            pullEntry(daemon, source.child(name), target.resolve(name), depth);
        }
        settle(target, info, info.mode() | 0700);
    }

    private void pullEntry(TrefoilClient daemon, RemotePath source, Path target, int depth) throws IOException {
        try (RemoteFile file = daemon.readEntry(source.server(), source.path())) {
            switch (file.info().type()) {
                case "directory" -> pullDirectory(daemon, source, file.info(), target, depth + 1);
                case "file" -> write(file, target);
                case "symlink" -> link(file.info(), target);
                default -> session().say(source + ": neither a file, a directory nor a link, passed over");
            }
        }
    }

    /** Writes beside the target, then renames over it: a link there is replaced, not followed, and a failure leaves what was there. */
    private void write(RemoteFile file, Path target) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        Path part = Files.createTempFile(directory, ".trefoil-", ".part");
        boolean done = false;
        try {
            try (OutputStream out = Files.newOutputStream(part)) {
                file.content().transferTo(out);
            }
            settle(part, file.info(), file.info().mode());
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            done = true;
        } finally {
            if (!done) {
                Files.deleteIfExists(part);
            }
        }
    }

    /** Makes a link beside the target, then renames it over that. */
    private void link(FileInfo info, Path target) throws IOException {
        Path part = Files.createTempFile(target.toAbsolutePath().getParent(), ".trefoil-", ".part");
        boolean done = false;
        try {
            Files.delete(part);
            Files.createSymbolicLink(part, Path.of(info.target()));
            own(part, info);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            done = true;
        } finally {
            if (!done) {
                Files.deleteIfExists(part);
            }
        }
    }

    /** Gives a file its owner where owners are kept, then its permissions: chown(2) takes set-user-id bits away. */
    private void settle(Path path, FileInfo info, int mode) throws IOException {
        own(path, info);
        if (archive.isSet()) {
            Files.setAttribute(path, "unix:mode", mode & 07777);
        } else {
            setPermissions(path, mode);
        }
    }

    private void own(Path path, FileInfo info) throws IOException {
        if (archive.isSet()) {
            Files.setAttribute(path, "unix:uid", info.uid(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", info.gid(), LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** The nine permission bits; set-user-id and its kin stay behind. */
    private static void setPermissions(Path path, int mode) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & 0400 >> permission.ordinal()) != 0) {
                permissions.add(permission);
            }
        }
        Files.setPosixFilePermissions(path, permissions);
    }
}
