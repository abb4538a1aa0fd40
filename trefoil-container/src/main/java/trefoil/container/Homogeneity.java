package trefoil.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.file.FileStatus;

/**
 * Whether the host's kernel can run an image: all OS-level servers must run the host's operating system kernel.
 *
 * <p>What will be process 1 is looked up as the kernel will, scripts ({@code #!}) and interpreters (PT_INTERP) included, and each
 * program on the way must be for this machine, this operating system, this kernel's version and this processor. Fields are
 * those of the System V ABI (gABI, chapter 4: EI_…, e_…), the x86-64 psABI (ISA levels) and the GNU notes.
 */
public final class Homogeneity {
    private static final int EM_386 = 3;
    private static final int EM_X86_64 = 62;
    private static final int ELFOSABI_NONE = 0;
    private static final int ELFOSABI_GNU = 3;
    private static final int MOST_SCRIPTS = 4; // fs/exec.c, exec_binprm()
    private static final int SCRIPT_LINE = 256; // linux/binfmts.h, BINPRM_BUF_SIZE
    private static final List<String> PATH =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
    private static final String FULL = "full";
    private static final String PARA = "para";

    private final LayeredTree tree;
    private final HostKernel host;

    private Homogeneity(LayeredTree tree, HostKernel host) {
        this.tree = tree;
        this.host = host;
    }

    /**
     * Passes, or says which field of which file failed. Looks only; makes nothing. The layers are untrusted: every path
     * is resolved inside them. Needs root where a layer holds opaque directories.
     *
     * @param layers the image's layers, lowest first
     * @param command what will run as process 1; empty for {@code /sbin/init}
     * @throws IncompatibleImageException when the image cannot run here
     * @throws ContainerException when a layer cannot be read
     */
    public static void check(List<Path> layers, List<String> command) throws ContainerException {
        try {
            check(layers, command, HostKernel.running());
        } catch (ContainerException e) {
            throw e;
        } catch (IOException e) {
            throw new ContainerException("the image cannot be examined: " + e.getMessage(), null, e);
        }
    }

    static void check(List<Path> layers, List<String> command, HostKernel host) throws IOException {
        if (layers.isEmpty()) {
            throw new IncompatibleImageException("init", "the image has no layers", null);
        }
        try (LayeredTree tree = new LayeredTree(layers)) {
            Homogeneity check = new Homogeneity(tree, host);
            check.program(check.first(command), 0);
        }
    }

    private LayeredTree.Found first(List<String> command) throws IOException {
        if (command.isEmpty()) {
            return find(
                    "init",
                    "/sbin/init",
                    "the image has no init; name a command to run as its process 1, or take a server image");
        }
        String program = command.getFirst();
        if (program.contains("/")) {
            return find("command", program, "the image does not hold the command");
        }
        for (String directory : PATH) {
            LayeredTree.Found found = findOrNull(directory + "/" + program);
            if (found != null && isProgram(found.status())) {
                return found;
            }
        }
        throw new IncompatibleImageException(
                "command", "the image holds no program " + program + " in " + String.join(":", PATH), null);
    }

    private LayeredTree.Found find(String field, String path, String missing) throws IOException {
        try {
            return tree.resolve(path);
        } catch (ErrnoException e) {
            if (!leadsNowhere(e)) {
                throw e;
            }
            throw new IncompatibleImageException(
                    field, path + ": " + missing + " (" + Errno.message(e.errno()) + ")", null);
        }
    }

    private LayeredTree.Found findOrNull(String path) throws IOException {
        try {
            return tree.resolve(path);
        } catch (ErrnoException e) {
            if (leadsNowhere(e)) {
                return null;
            }
            throw e;
        }
    }

    private static boolean leadsNowhere(ErrnoException e) {
        return switch (e.errno()) {
            case Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.ENAMETOOLONG, Errno.EINVAL -> true;
            default -> false;
        };
    }

    private static boolean isProgram(FileStatus status) {
        return status.isRegular() && (status.permissions() & 0111) != 0;
    }

    /** Checks a program as execve(2) would take it. */
    private void program(LayeredTree.Found found, int scripts) throws IOException {
        mustBeExecutable(found);
        try (FileDescriptor file = found.open()) {
            FileBytes bytes = new FileBytes(file, found.status().size());
            byte[] start = bytes.start(SCRIPT_LINE);
            if (start.length >= 2 && start[0] == '#' && start[1] == '!') {
                mustNotBeTaken(found.path(), start);
                script(found.path(), start, scripts);
                return;
            }
            ElfFile elf = elf(found.path(), bytes, start);
            mustNotBeTaken(found.path(), start);
            interpreter(found.path(), elf);
        }
    }

    private static void mustBeExecutable(LayeredTree.Found found) throws IncompatibleImageException {
        if (!found.status().isRegular()) {
            throw new IncompatibleImageException("init", found.path() + " is not a regular file", null);
        }
        if (!isProgram(found.status())) {
            throw new IncompatibleImageException(
                    "init",
                    found.path() + " is not executable (mode 0" + Integer.toOctalString(found.status().permissions())
                            + ")",
                    null);
        }
    }

    private void script(String path, byte[] start, int scripts) throws IOException {
        if (scripts == MOST_SCRIPTS) {
            throw new IncompatibleImageException(
                    "#!", path + " is a script run by a script more than " + MOST_SCRIPTS + " times over", null);
        }
        String text = new String(start, 2, start.length - 2, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\n');
        String line = (end < 0 ? text : text.substring(0, end)).replaceFirst("^[ \t]+", "");
        String interpreter = line.split("[ \t\0]", 2)[0];
        boolean cut = end < 0 && start.length == SCRIPT_LINE && interpreter.length() == line.length();
        if (interpreter.isEmpty() || cut) {
            throw new IncompatibleImageException(
                    "#!", path + " is a script whose first line names no interpreter", null);
        }
        program(find("#!", interpreter, "the interpreter of the script " + path + " is missing"), scripts + 1);
    }

    private ElfFile elf(String path, FileBytes bytes, byte[] start) throws IOException {
        try {
            ElfFile elf = new ElfFile(bytes);
            identification(path, elf);
            elf.load();
            requirements(path, elf);
            return elf;
        } catch (ElfFile.Malformed e) {
            boolean windows = start.length >= 2 && start[0] == 'M' && start[1] == 'Z';
            throw new IncompatibleImageException(
                    e.field(),
                    path + (windows ? " is a Windows or EFI program: " : " is no program that Linux can run: ")
                            + e.getMessage(),
                    windows ? FULL : null);
        }
    }

    private static void identification(String path, ElfFile elf) throws IncompatibleImageException {
        int machine = elf.machine();
        if (elf.fileClass() != ElfFile.ELFCLASS64) {
            boolean i386 = elf.fileClass() == ElfFile.ELFCLASS32 && elf.data() == ElfFile.ELFDATA2LSB && machine == EM_386;
            String bits = elf.fileClass() == ElfFile.ELFCLASS32 ? "32-bit (ELFCLASS32)" : "class " + elf.fileClass();
            throw new IncompatibleImageException(
                    "EI_CLASS",
                    path + " is a " + bits + " program for " + machineName(machine)
                            + "; process 1 must be 64-bit (ELFCLASS64), as this host is" + (i386 ? "" : otherMachine(machine)),
                    i386 ? FULL : null);
        }
        if (elf.data() != ElfFile.ELFDATA2LSB) {
            throw new IncompatibleImageException(
                    "EI_DATA",
                    path + " has byte order " + elf.data() + " (2 is big-endian) for " + machineName(machine)
                            + "; this host is little-endian (1)" + otherMachine(machine),
                    null);
        }
        if (machine != EM_X86_64) {
            throw new IncompatibleImageException(
                    "e_machine",
                    path + " is for machine " + machine + " (" + machineName(machine) + "); this host is " + EM_X86_64
                            + " (" + machineName(EM_X86_64) + ")" + otherMachine(machine),
                    null);
        }
        if (elf.osAbi() != ELFOSABI_NONE && elf.osAbi() != ELFOSABI_GNU) {
            throw new IncompatibleImageException(
                    "EI_OSABI",
                    path + " is for operating system ABI " + elf.osAbi() + " (" + osAbiName(elf.osAbi())
                            + "); Linux runs 0 (System V) and 3 (GNU/Linux)",
                    FULL);
        }
        if (elf.type() != ElfFile.ET_EXEC && elf.type() != ElfFile.ET_DYN) {
            throw new IncompatibleImageException(
                    "e_type", path + " has type " + elf.type() + "; programs have 2 (ET_EXEC) or 3 (ET_DYN)", null);
        }
    }

    private static String otherMachine(int machine) {
        return machine == EM_X86_64 || machine == EM_386
                ? ""
                : ". No kind of server here, not even full, has a processor for it: take the image for amd64";
    }

    private void requirements(String path, ElfFile elf) throws IncompatibleImageException {
        ElfFile.AbiTag tag = elf.abiTag();
        if (tag != null && tag.system() != 0) {
            throw new IncompatibleImageException(
                    "NT_GNU_ABI_TAG",
                    path + " is for operating system " + tag.system() + " (" + systemName(tag.system())
                            + "); this host is 0 (Linux)",
                    FULL);
        }
        if (tag != null && !host.isAtLeast(tag)) {
            throw new IncompatibleImageException(
                    "NT_GNU_ABI_TAG",
                    path + " needs Linux " + Integer.toUnsignedString(tag.major()) + "."
                            + Integer.toUnsignedString(tag.minor()) + "." + Integer.toUnsignedString(tag.patch())
                            + " or newer; this host runs " + host.version(),
                    PARA);
        }
        int level = 32 - Integer.numberOfLeadingZeros(elf.isaNeeded());
        if (level > host.isaLevel()) {
            throw new IncompatibleImageException(
                    "GNU_PROPERTY_X86_ISA_1_NEEDED",
                    path + " needs a processor of level x86-64-v" + level + "; this host's is x86-64-v"
                            + host.isaLevel() + ". No kind of server here has a better one",
                    null);
        }
    }

    private void interpreter(String path, ElfFile elf) throws IOException {
        String name;
        try {
            name = elf.interpreter();
        } catch (ElfFile.Malformed e) {
            throw new IncompatibleImageException(e.field(), path + ": " + e.getMessage(), null);
        }
        if (name == null) {
            return;
        }
        LayeredTree.Found found = find("PT_INTERP", name, "the interpreter of " + path + " is missing from the image");
        if (!isProgram(found.status())) {
            throw new IncompatibleImageException(
                    "PT_INTERP", name + ", the interpreter of " + path + ", is not an executable file", null);
        }
        try (FileDescriptor file = found.open()) {
            FileBytes bytes = new FileBytes(file, found.status().size());
            elf("PT_INTERP of " + path + ": " + name, bytes, bytes.start(SCRIPT_LINE));
        }
    }

    private void mustNotBeTaken(String path, byte[] start) throws IncompatibleImageException {
        for (BinaryFormat format : host.formats()) {
            if (format.takes(path, start)) {
                throw new IncompatibleImageException(
                        "binfmt_misc",
                        path + " would be run by " + format.interpreter() + ", as the host's binfmt_misc entry "
                                + format.name() + " says, not by the kernel itself",
                        PARA);
            }
        }
    }

    /** Names of e_machine (gABI, "Machine"). */
    private static String machineName(int machine) {
        return switch (machine) {
            case EM_386 -> "Intel 80386";
            case 8 -> "MIPS";
            case 20 -> "PowerPC";
            case 21 -> "64-bit PowerPC";
            case 22 -> "IBM S/390";
            case 40 -> "ARM";
            case 43 -> "SPARC V9";
            case 50 -> "Intel IA-64";
            case EM_X86_64 -> "x86-64";
            case 183 -> "AArch64";
            case 243 -> "RISC-V";
            case 258 -> "LoongArch";
            default -> "machine " + machine;
        };
    }

    /** Names of EI_OSABI (gABI, "Operating System and ABI Identification"). */
    private static String osAbiName(int osAbi) {
        return switch (osAbi) {
            case 1 -> "HP-UX";
            case 2 -> "NetBSD";
            case 6 -> "Solaris";
            case 7 -> "AIX";
            case 8 -> "IRIX";
            case 9 -> "FreeBSD";
            case 12 -> "OpenBSD";
            default -> "unknown";
        };
    }

    /** Names of systems in NT_GNU_ABI_TAG. */
    private static String systemName(int system) {
        return switch (system) {
            case 1 -> "GNU Hurd";
            case 2 -> "Solaris";
            case 3 -> "FreeBSD";
            case 4 -> "NetBSD";
            default -> "unknown";
        };
    }

    /** An open file as bytes. */
    private record FileBytes(FileDescriptor file, long size) implements ElfFile.Bytes {
        @Override
        public int read(long position, byte[] into) throws IOException {
            int done = 0;
            int more;
            while (done < into.length
                    && (more = Contents.pread(file, into, done, into.length - done, position + done)) > 0) {
                done += more;
            }
            return done;
        }

        byte[] start(int most) throws IOException {
            byte[] start = new byte[most];
            return Arrays.copyOf(start, read(0, start));
        }
    }
}
