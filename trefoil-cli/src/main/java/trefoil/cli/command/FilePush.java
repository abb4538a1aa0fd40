package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import trefoil.api.FileInfo;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operands;
import trefoil.cli.syntax.Value;
import trefoil.cli.value.RemotePath;
import trefoil.cli.value.UsageException;
import trefoil.client.FileAttributes;
import trefoil.client.TrefoilClient;

/** {@code trefoil file push}. */
public final class FilePush extends Subcommand {
    private final Flag recursive = flag("-r", "--recursive", "Directories with all that is in them; links stay links.");

    private final Flag archive = flag("-a", "--archive", "Keep owners, by number, and set-user-id bits; implies -r.");

    private final Flag createDirectories = flag("-p", "--create-dirs", "Make directories that are missing.");

    private final Value uid = value("--uid", "ID", "Owner inside the server; 0 where not set.");

    private final Value gid = value("--gid", "ID", "Group inside the server; 0 where not set.");

    private final Value mode = value("--mode", "OCTAL", "Permissions, such as 644; the file's own where not set.");

    private final Operands places = operands(2, "SOURCE... NAME:/PATH", "What, and where to.");

    private int passedOver;

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Copies files into a server. Each is replaced in one step: readers see the old one or the new one.

                - as a source is standard input. Below an existing directory, or a path ending in /, files keep their names.

                Files keep their permissions and belong to root inside, unless --uid, --gid or --archive say otherwise.
                """,
                """
                trefoil file push ./nginx.conf web1:/etc/nginx/nginx.conf
                trefoil file push -r ./site web1:/srv/
                trefoil file push --uid 33 --gid 33 -r ./site web1:/var/www/
                """);
    }

    @Override
    protected int run() throws IOException {
        List<String> sources = places.all().subList(0, places.all().size() - 1);
        RemotePath target = RemotePath.parse(places.all().getLast());
        TrefoilClient daemon = session().daemon();
        boolean into = into(daemon, target, sources.size() > 1);
        if (createDirectories.isSet()) {
            makeParents(daemon, into ? target.child("x") : target);
        }
        for (String source : sources) {
            if (source.equals("-")) {
                pushInput(daemon, target, into);
            } else {
                Path path = Path.of(source);
                push(daemon, path, into ? target.child(nameOf(path)) : target);
            }
        }
        if (passedOver > 0) {
            throw new IOException(passedOver + " of what was to be copied is neither a file, a directory nor a link and was passed over");
        }
        return 0;
    }

    private static boolean into(TrefoilClient daemon, RemotePath target, boolean several) throws IOException {
        if (several || target.directory()) {
            return true;
        }
        FileInfo there = daemon.stat(target.server(), target.path());
        return there != null && there.type().equals("directory");
    }

    /** A link goes by its own name. */
    private static String nameOf(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }

    private void pushInput(TrefoilClient daemon, RemotePath target, boolean into) throws IOException {
        if (into) {
            throw new UsageException("standard input has no name to have below " + target, "a path of a file");
        }
        daemon.writeFile(target.server(), target.path(), session().in(), -1, new FileAttributes(uid.number(0), gid.number(0), mode.text() == null ? null : octal(mode.text())));
    }

    private void push(TrefoilClient daemon, Path source, RemotePath target) throws IOException {
        if (Files.isDirectory(source)) {
            if (!recursive.isSet() && !archive.isSet()) {
                throw new UsageException(source + " is a directory", "trefoil file push -r");
            }
            pushDirectory(daemon, source, target);
        } else {
            pushFile(daemon, source, target);
        }
    }

    private void pushDirectory(TrefoilClient daemon, Path source, RemotePath target) throws IOException {
        daemon.makeDirectory(target.server(), target.path(), ofDirectory(source));
        List<Path> entries;
        try (Stream<Path> listed = Files.list(source)) {
            entries = listed.sorted().toList();
        }
        for (Path entry : entries) {
            RemotePath place = target.child(entry.getFileName().toString());
            if (Files.isSymbolicLink(entry)) {
                daemon.makeLink(place.server(), place.path(), Files.readSymbolicLink(entry).toString(), owner(entry, null));
            } else if (!Files.isDirectory(entry) && !Files.isRegularFile(entry)) {
                session().say(entry + ": neither a file, a directory nor a link, passed over");
                passedOver++;
            } else if (Files.isDirectory(entry)) {
                pushDirectory(daemon, entry, place);
            } else {
                pushFile(daemon, entry, place);
            }
        }
    }

    private void pushFile(TrefoilClient daemon, Path source, RemotePath target) throws IOException {
        try (InputStream content = Files.newInputStream(source)) {
            // A pipe or a device tells no size.
            long length = Files.isRegularFile(source) ? Files.size(source) : -1;
            daemon.writeFile(target.server(), target.path(), content, length, owner(source, mode.text() == null ? bits(source) : octal(mode.text())));
        }
    }

    private static void makeParents(TrefoilClient daemon, RemotePath target) throws IOException {
        String path = target.path();
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            daemon.makeDirectory(target.server(), path.substring(0, slash), FileAttributes.DEFAULT);
        }
    }

    /** The permissions of {@code --mode} are for files; a directory without x would be no use. */
    private FileAttributes ofDirectory(Path source) throws IOException {
        return owner(source, bits(source));
    }

    /** Whom the file shall belong to: whom the options say, or with {@code --archive} whom it belongs to here. */
    private FileAttributes owner(Path source, Integer permissions) throws IOException {
        return new FileAttributes(id(uid, source, "unix:uid"), id(gid, source, "unix:gid"), permissions);
    }

    private Integer id(Value option, Path source, String attribute) throws IOException {
        if (option.text() != null || !archive.isSet()) {
            return option.number(0);
        }
        return (Integer) Files.getAttribute(source, attribute, LinkOption.NOFOLLOW_LINKS);
    }

    private static Integer octal(String mode) {
        try {
            int bits = Integer.parseInt(mode, 8);
            if (bits >= 0 && bits <= 07777) {
                return bits;
            }
        } catch (NumberFormatException e) {
            throw new UsageException("\"" + mode + "\" is not a mode such as 644", null);
        }
        throw new UsageException("\"" + mode + "\" is not a mode such as 644", null);
    }

    /** Its permissions; set-user-id and its kin only with {@code --archive}. */
    private int bits(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:mode") & (archive.isSet() ? 07777 : 0777);
    }
}
