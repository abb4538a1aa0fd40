package trefoil.benchmarks;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import trefoil.linux.program.Call;
import trefoil.linux.program.StaticElf;
import trefoil.linux.program.SyscallProgram;

/**
 * A root file system of two programs of a few system calls each, as a tar archive (POSIX.1-2017, pax, "ustar Interchange
 * Format"): small enough to be made here, whole enough to be started.
 */
final class TrainingImage {
    static final String NAME = "training";
    /** Says hi and ends. */
    static final String ECHO = "/bin/echo";
    /** Reads its console until that ends. */
    static final String IDLE = "/sbin/init";

    private static final int BLOCK = 512;
    private static final int END_BLOCKS = 2;

    private TrainingImage() {}

    static byte[] archive() {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (String directory : List.of("bin", "sbin", "dev", "etc", "proc", "sys", "root", "run", "tmp", "var")) {
            entry(tar, directory + "/", '5', new byte[0]);
        }
        entry(tar, "etc/os-release", '0', "ID=training\nPRETTY_NAME=training\n".getBytes(StandardCharsets.US_ASCII));
        entry(tar, ECHO.substring(1), '0', echo());
        entry(tar, IDLE.substring(1), '0', idle());
        tar.writeBytes(new byte[END_BLOCKS * BLOCK]);
        return tar.toByteArray();
    }

    private static byte[] echo() {
        SyscallProgram program = new SyscallProgram("echo");
        program.call("say hi", Call.WRITE, 1, program.string("hi\n"), 3);
        program.call("end", Call.EXIT_GROUP, 0);
        program.failHere();
        program.call("fail", Call.EXIT_GROUP, 1);
        return StaticElf.of(program.at(StaticElf.base()));
    }

    private static byte[] idle() {
        SyscallProgram program = new SyscallProgram("idle");
        program.call("wait", Call.READ, 0, program.zeros("a byte", 8), 1);
        program.call("end", Call.EXIT_GROUP, 0);
        program.failHere();
        program.call("fail", Call.EXIT_GROUP, 1);
        return StaticElf.of(program.at(StaticElf.base()));
    }

    private static void entry(ByteArrayOutputStream tar, String name, char type, byte[] content) {
        byte[] header = new byte[BLOCK];
        text(header, 0, name);
        text(header, 100, "0000755"); // mode
        text(header, 108, "0000000"); // uid
        text(header, 116, "0000000"); // gid
        text(header, 124, String.format("%011o", content.length));
        text(header, 136, "00000000000"); // mtime
        Arrays.fill(header, 148, 156, (byte) ' '); // the checksum is taken with blanks in its place
        header[156] = (byte) type;
        text(header, 257, "ustar\0" + "00");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        text(header, 148, String.format("%06o\0 ", sum));
        tar.writeBytes(header);
        tar.writeBytes(content);
        tar.writeBytes(new byte[-content.length & BLOCK - 1]);
    }

    private static void text(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
