package trefoil.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.linux.Errno;
import trefoil.linux.call.Syscall;

class SeccompFilterTest {
    private static final int ALLOW = 0x7FFF0000;
    private static final int ERRNO = 0x00050000;
    private static final int AMD64 = 0xC000003E;
    private static final int I386 = 0x40000003;

    /** Runs classic BPF as the kernel's checker and interpreter would (Documentation/networking/filter.rst). */
    private static final class Machine {
        private final ByteBuffer program;
        int longest;

        Machine(byte[] program) {
            assertThat(program.length % 8).isZero();
            assertThat(program.length / 8).isBetween(1, 4096);
            this.program = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        }

        int run(int architecture, int number, long... arguments) {
            ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
            data.putInt(number).putInt(architecture).putLong(0x7000_0000_0000L);
            for (long argument : arguments) {
                data.putLong(argument);
            }
            int accumulator = 0;
            for (int at = 0, steps = 1; ; at++, steps++) {
                int code = program.getShort(8 * at);
                int jt = program.get(8 * at + 2) & 0xFF;
                int jf = program.get(8 * at + 3) & 0xFF;
                int k = program.getInt(8 * at + 4);
                switch (code) {
                    case 0x20 -> {
                        assertThat(k % 4).isZero();
                        accumulator = data.getInt(k);
                    }
                    case 0x05 -> at += k;
                    case 0x15 -> at += accumulator == k ? jt : jf;
                    case 0x35 -> at += Integer.compareUnsigned(accumulator, k) >= 0 ? jt : jf;
                    case 0x45 -> at += (accumulator & k) != 0 ? jt : jf;
                    case 0x06 -> {
                        longest = Math.max(longest, steps);
                        return k;
                    }
                    default -> throw new AssertionError("instruction " + code + " at " + at);
                }
            }
        }
    }

    private static final Machine ORDINARY = new Machine(SeccompFilter.program(false));
    private static final Machine NESTING = new Machine(SeccompFilter.program(true));

    private static String answer(int action) {
        if (action == ALLOW) {
            return "allow";
        }
        return (action & 0xFFFF0000) == ERRNO ? Errno.name(action & 0xFFFF) : "kill";
    }

    @ParameterizedTest
    @CsvSource({
        "0, allow", "59, allow", "101, allow", "155, allow", "165, allow", "169, allow", "310, allow", // read execve ptrace …
        "159, allow", "435, ENOSYS", "250, ENOSYS", "248, ENOSYS", "249, ENOSYS", "425, ENOSYS", "426, ENOSYS", "427, ENOSYS",
        "321, EPERM", "298, EPERM", "246, EPERM", "320, EPERM", "175, EPERM", "313, EPERM", "176, EPERM", "304, EPERM",
        "323, EPERM", "179, EPERM", "167, EPERM", "164, EPERM", "227, EPERM", "103, EPERM", "172, EPERM", "163, EPERM",
        "154, ENOSYS", "335, allow", "340, ENOSYS", "423, ENOSYS", "424, allow", "469, allow", "470, ENOSYS", "9999, ENOSYS",
        "1073741824, ENOSYS", "1073741883, ENOSYS", "-1, ENOSYS", "-2147483648, ENOSYS", "437, allow", "308, allow"
    })
    void callsOfX86_64(int number, String expected) {
        assertThat(answer(ORDINARY.run(AMD64, number))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "1, allow", "11, allow", "102, ENOSYS", "359, allow", "25, EPERM", "288, ENOSYS", "243, allow", "357, EPERM",
        "166, EPERM", "123, ENOSYS", "407, allow", "404, EPERM", "222, ENOSYS", "470, ENOSYS", "384, allow"
    })
    void callsOfI386(int number, String expected) {
        assertThat(answer(ORDINARY.run(I386, number, 1))).isEqualTo(expected);
    }

    @Test
    void anotherArchitectureIsKilled() {
        for (int architecture : new int[] {0, 0xC00000B7 /* aarch64 */, 0x28, -1}) {
            assertThat(answer(ORDINARY.run(architecture, 0))).isEqualTo("kill");
        }
    }

    @Test
    void namespacesButUserOnesAreMade() {
        long user = 0x10000000;
        for (int number : new int[] {56, 272}) {
            assertThat(answer(ORDINARY.run(AMD64, number, 0x6C020000 | 17))).isEqualTo("allow");
            assertThat(answer(ORDINARY.run(AMD64, number, user | 17))).isEqualTo("EPERM");
            assertThat(answer(ORDINARY.run(AMD64, number, 0x7E020000))).isEqualTo("EPERM");
            assertThat(answer(NESTING.run(AMD64, number, user))).isEqualTo("allow");
        }
        assertThat(answer(NESTING.run(AMD64, 435))).isEqualTo("allow");
        assertThat(answer(ORDINARY.run(I386, 120, user))).isEqualTo("EPERM");
        assertThat(answer(NESTING.run(AMD64, 250))).isEqualTo("ENOSYS");
    }

    @ParameterizedTest
    @CsvSource({"0x5412, EPERM", "0x541C, EPERM", "0x5413, allow", "0x5401, allow", "0xFFFFFFFF00005412, EPERM", "0x100005412, EPERM"
    })
    void terminalsAreNotTypedInto(String request, String expected) {
        assertThat(answer(ORDINARY.run(AMD64, 16, 0, Long.parseUnsignedLong(request.substring(2), 16))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "1, allow", "2, allow", "10, allow", "16, allow", "17, allow", "15, allow", "40, EAFNOSUPPORT", "38, EAFNOSUPPORT",
        "0, EAFNOSUPPORT", "31, EAFNOSUPPORT", "44, EAFNOSUPPORT", "-1, EAFNOSUPPORT", "4294967336, EAFNOSUPPORT"
    })
    void addressFamilies(long family, String expected) {
        assertThat(answer(ORDINARY.run(AMD64, 41, family))).isEqualTo(expected);
        assertThat(answer(ORDINARY.run(AMD64, 53, family))).isEqualTo(expected);
        assertThat(answer(ORDINARY.run(I386, 359, family))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, allow", "8, allow", "131072, allow", "262144, allow", "4294967295, allow", "4194304, EPERM", "1, EPERM"})
    void personalities(long persona, String expected) {
        assertThat(answer(ORDINARY.run(AMD64, 135, persona))).isEqualTo(expected);
    }

    @Test
    void everyCallHasADecisionAndAShortWay() {
        for (SystemCalls calls : SystemCalls.values()) {
            calls.names().forEach((number, name) -> {
                Rule rule = Policy.of(name, false);
                int action = ORDINARY.run(calls.auditArchitecture(), number, 0xFFFFL, 1);
                if (rule.code().size() == 1) {
                    assertThat(action).as(name).isEqualTo(rule.code().getFirst().k());
                }
            });
        }
        assertThat(ORDINARY.longest).isLessThan(24);
        assertThat(SeccompFilter.listing(false)).hasSize(SeccompFilter.program(false).length / 8);
    }

    @Test
    void theTableIsTheKernelHeaders() throws Exception {
        Path headers = Path.of("/usr/include/x86_64-linux-gnu/asm");
        Assumptions.assumeTrue(Files.isDirectory(headers), "needs Debian's linux-libc-dev to compare with");
        compare(headers.resolve("unistd_64.h"), SystemCalls.X86_64);
        compare(headers.resolve("unistd_32.h"), SystemCalls.I386);
    }

    private static void compare(Path header, SystemCalls calls) throws Exception {
        Set<String> seen = new HashSet<>();
        for (String line : Files.readAllLines(header)) {
            String[] words = line.split(" ");
            if (words.length == 3 && words[1].startsWith("__NR_")) {
                String name = words[1].substring(5);
                seen.add(name);
                assertThat(calls.number(name)).as(name).isEqualTo(Integer.parseInt(words[2]));
            }
        }
        assertThat(seen).hasSizeGreaterThan(350);
    }

    /** The kernel itself: a thread of this process takes the filter upon itself and makes the calls. */
    @Test
    void theKernelAnswersSo() throws Exception {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "needs root to install a filter without no_new_privs");
        Map<String, Long> answers = new LinkedHashMap<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            install(SeccompFilter.program(false));
            answers.put("getpid", Syscall.raw(39, 0, 0, 0));
            answers.put("keyctl", Syscall.raw(250, 0, -3, 0));
            answers.put("socket AF_VSOCK", Syscall.raw(41, 40, 1, 0));
            answers.put("socket AF_ALG", Syscall.raw(41, 38, 5, 0));
            answers.put("unshare NEWUSER", Syscall.raw(272, 0x10000000, 0, 0));
            answers.put("clone3", Syscall.raw(435, 0, 0, 0));
            answers.put("ioctl TIOCSTI", Syscall.raw(16, -1, 0x5412, 0));
            answers.put("ioctl TCGETS", Syscall.raw(16, -1, 0x5401, 0));
            answers.put("bpf", Syscall.raw(321, 0, 0, 0));
            answers.put("io_uring_setup", Syscall.raw(425, 1, 0, 0));
            answers.put("x32 getpid", Syscall.raw(0x40000000 + 39, 0, 0, 0));
            answers.put("personality", Syscall.raw(135, 0xFFFFFFFFL, 0, 0));
            answers.put("openat2", Syscall.raw(437, -1, 0, 0));
        });
        thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
        thread.join();
        assertThat(failure.get()).isNull();
        assertThat(answers)
                .containsEntry("getpid", ProcessHandle.current().pid())
                .containsEntry("keyctl", -(long) Errno.ENOSYS)
                .containsEntry("socket AF_VSOCK", -(long) Errno.EAFNOSUPPORT)
                .containsEntry("socket AF_ALG", -(long) Errno.EAFNOSUPPORT)
                .containsEntry("unshare NEWUSER", -(long) Errno.EPERM)
                .containsEntry("clone3", -(long) Errno.ENOSYS)
                .containsEntry("ioctl TIOCSTI", -(long) Errno.EPERM)
                .containsEntry("ioctl TCGETS", -(long) Errno.EBADF)
                .containsEntry("bpf", -(long) Errno.EPERM)
                .containsEntry("io_uring_setup", -(long) Errno.ENOSYS)
                .containsEntry("x32 getpid", -(long) Errno.ENOSYS)
                .containsEntry("personality", 0L)
                .containsEntry("openat2", -(long) Errno.EINVAL);
    }

    private static void install(byte[] program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(program.length, 8);
            MemorySegment.copy(program, 0, filter, ValueLayout.JAVA_BYTE, 0, program.length);
            MemorySegment fprog = arena.allocate(16, 8); // struct sock_fprog {u16 len; struct sock_filter *filter}
            fprog.set(ValueLayout.JAVA_SHORT, 0, (short) (program.length / 8));
            fprog.set(ValueLayout.JAVA_LONG, 8, filter.address());
            assertThat(Syscall.raw(317, 1, 0, fprog.address())).isZero();
        }
    }
}
