package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

@Timeout(30)
class HomogeneityTest {
    private static final HostKernel HOST = new HostKernel(6, 1, 20, 3, List.of());

    @TempDir
    Path temporary;

    private Path layer;

    @BeforeEach
    void newLayer() throws IOException {
        layer = Files.createDirectory(temporary.resolve("base"));
    }

    private static Path put(Path layer, String path, byte[] content) throws IOException {
        Path file = layer.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        Files.write(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void init(CraftedElf elf) throws IOException {
        put(layer, "/sbin/init", elf.build());
    }

    private void passes(String... command) {
        assertThatCode(() -> Homogeneity.check(List.of(layer), List.of(command), HOST)).doesNotThrowAnyException();
    }

    private void refused(String field, String kind, String... words) {
        refused(List.of(layer), List.of(), field, kind, words);
    }

    private static void refused(List<Path> layers, List<String> command, String field, String kind, String... words) {
        assertThatThrownBy(() -> Homogeneity.check(layers, command, HOST))
                .isInstanceOfSatisfying(IncompatibleImageException.class, e -> {
                    assertThat(e.field()).as(e.getMessage()).isEqualTo(field);
                    assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
                    assertThat(List.of(words)).allSatisfy(word -> assertThat(e.getMessage()).contains(word));
                });
    }

    @Test
    void programsOfThisHostPass() throws Exception {
        init(new CraftedElf());
        passes();
        init(new CraftedElf().osAbi(3).type(3));
        passes();
        init(new CraftedElf().abiTag(0, 3, 2, 0).isa(0x7));
        passes();
        init(new CraftedElf().abiTag(0, 6, 1, 20));
        passes();
        init(new CraftedElf().type(3).interpreter("/lib64/ld.so"));
        put(layer, "/lib64/ld.so", new CraftedElf().type(3).build());
        passes();
    }

    @Test
    void eachFieldIsChecked() throws Exception {
        init(new CraftedElf().machine(183));
        refused("e_machine", null, "/sbin/init", "183", "AArch64", "62", "full");
        init(new CraftedElf().elfClass(1).machine(3));
        refused("EI_CLASS", "full", "32-bit", "Intel 80386");
        init(new CraftedElf().elfClass(1).machine(40));
        refused("EI_CLASS", null, "ARM");
        init(new CraftedElf().elfClass(7));
        refused("EI_CLASS", null);
        init(new CraftedElf().data(2).machine(22));
        refused("EI_DATA", null, "S/390");
        init(new CraftedElf().osAbi(9));
        refused("EI_OSABI", "full", "9", "FreeBSD");
        init(new CraftedElf().type(1));
        refused("e_type", null);
        init(new CraftedElf().type(4));
        refused("e_type", null, "4");
        init(new CraftedElf().abiTag(3, 13, 0, 0));
        refused("NT_GNU_ABI_TAG", "full", "FreeBSD");
        init(new CraftedElf().abiTag(0, 6, 1, 21));
        refused("NT_GNU_ABI_TAG", "para", "6.1.21", "6.1.20");
        init(new CraftedElf().abiTag(0, 7, 0, 0));
        refused("NT_GNU_ABI_TAG", "para");
        init(new CraftedElf().abiTag(0, -1, 0, 0));
        refused("NT_GNU_ABI_TAG", "para", "4294967295.0.0");
        init(new CraftedElf().isa(0x8));
        refused("GNU_PROPERTY_X86_ISA_1_NEEDED", null, "x86-64-v4", "x86-64-v3");
        init(new CraftedElf().isa(0x80000000));
        refused("GNU_PROPERTY_X86_ISA_1_NEEDED", null);
    }

    @Test
    void initMustBeThereAndExecutable() throws Exception {
        refused("init", null, "/sbin/init", "no init");
        Files.createDirectories(layer.resolve("sbin/init"));
        refused("init", null, "not a regular file");
        Files.delete(layer.resolve("sbin/init"));
        init(new CraftedElf());
        Files.setPosixFilePermissions(layer.resolve("sbin/init"), PosixFilePermissions.fromString("rw-r--r--"));
        refused("init", null, "not executable", "0644");
        Files.delete(layer.resolve("sbin/init"));
        Files.createSymbolicLink(layer.resolve("sbin/init"), Path.of("/sbin/init"));
        refused("init", null, "Too many levels of symbolic links");
        try (FileDescriptor sbin = Open.open(layer.resolve("sbin").toString(), Open.O_RDONLY, 0)) {
            Directories.mknodat(sbin, "fifo", FileStatus.S_IFIFO | 0755, 0);
        }
        refused(List.of(layer), List.of("/sbin/fifo"), "init", null, "not a regular file");
        refused(List.of(), List.of(), "init", null);
    }

    @Test
    void interpretersMustBeThereAndPassToo() throws Exception {
        init(new CraftedElf().interpreter("/lib/ld.so"));
        refused("PT_INTERP", null, "/lib/ld.so", "/sbin/init", "No such file");
        put(layer, "/lib/ld.so", new CraftedElf().machine(183).build());
        refused("e_machine", null, "PT_INTERP of /sbin/init", "/lib/ld.so");
        put(layer, "/lib/ld.so", new CraftedElf().abiTag(0, 99, 0, 0).build());
        refused("NT_GNU_ABI_TAG", "para", "/lib/ld.so");
        put(layer, "/lib/ld.so", bytes("#!/bin/sh\n"));
        refused("EI_MAG", null);
        Files.delete(layer.resolve("lib/ld.so"));
        Files.createDirectory(layer.resolve("lib/ld.so"));
        refused("PT_INTERP", null, "not an executable file");
    }

    @Test
    void scriptsAreFollowed() throws Exception {
        put(layer, "/sbin/init", bytes("#!  /bin/sh -e\nexit\n"));
        refused("#!", null, "/bin/sh");
        put(layer, "/bin/sh", new CraftedElf().build());
        passes();
        put(layer, "/bin/sh", new CraftedElf().osAbi(9).build());
        refused("EI_OSABI", "full", "/bin/sh");
        put(layer, "/sbin/init", bytes("#!/sbin/init\n"));
        refused("#!", null);
        put(layer, "/sbin/init", bytes("#!\n"));
        refused("#!", null);
        put(layer, "/sbin/init", bytes("#!/" + "x".repeat(400)));
        refused("#!", null);
    }

    @Test
    void commandsAreLookedUp() throws Exception {
        put(layer, "/usr/bin/busybox", new CraftedElf().build());
        Files.createSymbolicLink(layer.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(layer.resolve("usr/bin/sh"), Path.of("/../bin/busybox"));
        passes("sh", "-c", "echo hi");
        passes("/bin/sh");
        refused(List.of(layer), List.of("bash"), "command", null, "bash");
        refused(List.of(layer), List.of("/bin/bash"), "command", null, "/bin/bash");
        refused(List.of(layer), List.of("/bin/sh/x"), "command", null, "Not a directory");
        refused(List.of(layer), List.of("/a\0b"), "command", null);
    }

    @Test
    void layersAreSeenAsOneTree() throws Exception {
        Path upper = Files.createDirectory(temporary.resolve("upper"));
        List<Path> layers = List.of(layer, upper);
        put(layer, "/usr/lib/systemd/systemd", new CraftedElf().build());
        Files.createSymbolicLink(layer.resolve("sbin"), Path.of("usr/sbin"));
        Files.createDirectories(upper.resolve("usr/sbin"));
        Files.createSymbolicLink(upper.resolve("usr/sbin/init"), Path.of("../lib/systemd/systemd"));
        assertThatCode(() -> Homogeneity.check(layers, List.of(), HOST)).doesNotThrowAnyException();

        put(upper, "/usr/lib/systemd/systemd", new CraftedElf().osAbi(2).build());
        refused(layers, List.of(), "EI_OSABI", "full", "NetBSD");
        Files.delete(upper.resolve("usr/lib/systemd/systemd"));
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "needs root for whiteouts and trusted attributes");
        try (FileDescriptor systemd = Open.open(upper.resolve("usr/lib/systemd").toString(), Open.O_RDONLY, 0)) {
            Directories.mknodat(systemd, "systemd", FileStatus.S_IFCHR, 0);
            refused(layers, List.of(), "init", null, "No such file");
            Directories.unlinkat(systemd, "systemd", 0);
        }
        assertThatCode(() -> Homogeneity.check(layers, List.of(), HOST)).doesNotThrowAnyException();
        try (FileDescriptor lib = Open.open(upper.resolve("usr/lib").toString(), Open.O_RDONLY, 0)) {
            Inodes.fsetxattr(lib, "trusted.overlay.opaque", new byte[] {'y'});
            refused(layers, List.of(), "init", null);
            Inodes.fremovexattr(lib, "trusted.overlay.opaque");
        }
        Files.delete(upper.resolve("usr/lib/systemd"));
        Files.write(upper.resolve("usr/lib/systemd"), new byte[1]);
        refused(layers, List.of(), "init", null, "Not a directory");
    }

    @Test
    void linksNeverLeadOutOfTheLayers() throws Exception {
        Path outside = put(temporary, "/outside/init", new CraftedElf().build());
        Files.createDirectory(layer.resolve("sbin"));
        for (String target : List.of(outside.toString(), "../../outside/init", "/../../../.." + outside)) {
            Files.deleteIfExists(layer.resolve("sbin/init"));
            Files.createSymbolicLink(layer.resolve("sbin/init"), Path.of(target));
            refused("init", null, "No such file");
        }
        Files.delete(layer.resolve("sbin/init"));
        Files.delete(layer.resolve("sbin"));
        Files.createSymbolicLink(layer.resolve("sbin"), outside.getParent());
        refused("init", null);
    }

    @Test
    void malformedFilesAreRefusedWithTheField() throws Exception {
        init(new CraftedElf().phentsize(32));
        refused("e_phentsize", null);
        init(new CraftedElf().phnum(0));
        refused("e_phnum", null);
        init(new CraftedElf().phnum(65535));
        refused("e_phnum", null, "65535");
        init(new CraftedElf().phnum(1000));
        refused("e_phoff", null);
        init(new CraftedElf().phoff(-8));
        refused("e_phoff", null);
        init(new CraftedElf().phoff(Long.MAX_VALUE));
        refused("e_phoff", null);
        init(new CraftedElf().claim(1, 0, 0x1000, 1L << 40, 1L << 40));
        refused("PT_LOAD", null);
        init(new CraftedElf().claim(1, 0, 0x1000, 64, 32));
        refused("PT_LOAD", null);
        init(new CraftedElf().claim(1, 0, 0x3FF000, 64, 0x2000));
        refused("PT_LOAD", null, "overlaps");
        init(new CraftedElf().claim(1, 0, Long.MAX_VALUE - 4, 64, 64));
        refused("PT_LOAD", null);
        init(new CraftedElf().claim(4, 0, 0, 0xFFFFFFFFL, 0));
        refused("PT_NOTE", null);
        init(new CraftedElf().claim(4, 16, 0, -1, 0));
        refused("PT_NOTE", null);
        init(new CraftedElf().segment(4, CraftedElf.words(4, -1, 1, 0x554E47), 4));
        refused("PT_NOTE", null);
        init(new CraftedElf().segment(4, CraftedElf.words(-1, -1, -1), 4));
        refused("PT_NOTE", null);
        init(new CraftedElf().segment(4, CraftedElf.note(1, new byte[4]), 4));
        refused("NT_GNU_ABI_TAG", null);
        init(new CraftedElf().segment(4, CraftedElf.note(5, CraftedElf.words(0xC0008002, -1, 1, 0)), 8));
        refused("NT_GNU_PROPERTY_TYPE_0", null);
        init(new CraftedElf().claim(3, 0, 0, 1 << 20, 0));
        refused("PT_INTERP", null);
        init(new CraftedElf().segment(3, bytes("/lib/ld"), 1));
        refused("PT_INTERP", null, "zero");
        put(layer, "/sbin/init", bytes(""));
        refused("EI_MAG", null);
        put(layer, "/sbin/init", bytes("\177ELF"));
        refused("e_ehsize", null);
        put(layer, "/sbin/init", bytes("MZ\0\0"));
        refused("EI_MAG", "full", "Windows");
    }

    /** No bytes whatever make it fail in another way than by refusing. */
    @Test
    void damagedFilesNeverCrashIt() throws Exception {
        byte[] whole = new CraftedElf().abiTag(0, 3, 2, 0).isa(1).interpreter("/sbin/init").build();
        Random random = new Random(20261122);
        int refused = 0;
        Path file = put(layer, "/sbin/init", whole);
        for (int i = 0; i < 1000; i++) {
            byte[] damaged = i % 4 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int flips = 1 + random.nextInt(6); flips > 0 && i % 4 != 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, damaged);
            try {
                Homogeneity.check(List.of(layer), List.of(), HOST);
            } catch (IncompatibleImageException e) {
                assertThat(e.field()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(250);
    }

    @Test
    void whatBinfmtMiscWouldTakeIsRefused() throws Exception {
        Path registered = Files.createDirectory(temporary.resolve("binfmt_misc"));
        Files.writeString(registered.resolve("status"), "enabled\n");
        Files.writeString(registered.resolve("register"), "");
        Files.writeString(
                registered.resolve("odd"),
                "enabled\ninterpreter /usr/bin/odd\nflags: F\noffset 1\nmagic 454c4602\nmask fffffffe\n");
        Files.writeString(
                registered.resolve("off"), "disabled\ninterpreter /usr/bin/off\nflags: \noffset 0\nmagic 7f\n");
        Files.writeString(
                registered.resolve("ext"), "enabled\ninterpreter /usr/bin/ext\nflags: \nextension .run\n");
        List<BinaryFormat> formats = BinaryFormat.registered(registered);
        assertThat(formats).extracting(BinaryFormat::name).containsExactlyInAnyOrder("odd", "ext");
        init(new CraftedElf());
        put(layer, "/start.run", bytes("#!/sbin/init\n"));
        HostKernel host = new HostKernel(6, 1, 0, 1, formats);
        for (List<String> command : List.of(List.<String>of(), List.of("/start.run"))) {
            assertThatThrownBy(() -> Homogeneity.check(List.of(layer), command, host))
                    .isInstanceOfSatisfying(IncompatibleImageException.class, e -> assertThat(e.field())
                            .isEqualTo("binfmt_misc"));
        }
        Files.writeString(registered.resolve("status"), "disabled\n");
        assertThat(BinaryFormat.registered(registered)).isEmpty();
        assertThat(BinaryFormat.registered(temporary.resolve("none"))).isEmpty();
    }

    @Test
    void thisHostsOwnProgramsPass() throws Exception {
        Path busybox = Path.of("/bin/busybox");
        Path shell = Path.of("/bin/sh").toRealPath();
        Path loader = Path.of("/lib64/ld-linux-x86-64.so.2");
        Assumptions.assumeTrue(Files.exists(busybox) && Files.exists(loader), "needs busybox and glibc");
        Files.createDirectories(layer.resolve("sbin"));
        Files.createDirectories(layer.resolve("bin"));
        Files.copy(busybox, layer.resolve("sbin/init"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(shell, layer.resolve("bin/sh"), StandardCopyOption.COPY_ATTRIBUTES);
        Homogeneity.check(List.of(layer), List.of());
        assertThatThrownBy(() -> Homogeneity.check(List.of(layer), List.of("sh")))
                .isInstanceOfSatisfying(IncompatibleImageException.class, e -> assertThat(e.field())
                        .isEqualTo("PT_INTERP"));
        Files.createDirectories(layer.resolve("lib64"));
        Files.copy(loader, layer.resolve("lib64/ld-linux-x86-64.so.2"), StandardCopyOption.COPY_ATTRIBUTES);
        Homogeneity.check(List.of(layer), List.of("sh"));
        HostKernel host = HostKernel.running();
        assertThat(System.getProperty("os.version")).startsWith(host.major() + "." + host.minor() + ".");
        assertThat(host.isaLevel()).isBetween(1, 4);
        assertThat(HostKernel.isaLevel(Set.of("sse2"))).isEqualTo(1);
        assertThatThrownBy(() -> Homogeneity.check(List.of(temporary.resolve("nowhere")), List.of()))
                .isInstanceOf(ContainerException.class)
                .isNotInstanceOf(IncompatibleImageException.class);
        assertThat(Files.exists(layer.resolve("sbin/init"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }
}
