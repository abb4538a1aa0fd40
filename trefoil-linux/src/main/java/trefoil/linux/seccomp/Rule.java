package trefoil.linux.seccomp;

import static trefoil.linux.seccomp.Instruction.ANY_BIT;
import static trefoil.linux.seccomp.Instruction.EQUAL;

import java.util.ArrayList;
import java.util.List;
import trefoil.linux.Errno;

/**
 * What one system call is answered.
 *
 * @param name for listings
 * @param code instructions; the last returns, and none jumps past it
 */
record Rule(String name, List<Instruction> code) {
    static final int SECCOMP_RET_KILL_PROCESS = 0x80000000;
    static final int SECCOMP_RET_ERRNO = 0x00050000;
    static final int SECCOMP_RET_ALLOW = 0x7FFF0000;

    private static final int CLONE_NEWUSER = 0x10000000;
    private static final int TIOCSTI = 0x5412;
    private static final int TIOCLINUX = 0x541C;
    private static final int[] FAMILIES = {
        1 /* AF_UNIX */, 2 /* AF_INET */, 10 /* AF_INET6 */, 15 /* AF_KEY */, 16 /* AF_NETLINK */, 17 /* AF_PACKET */
    };
    /** All but PER_LINUX32 (8), UNAME26 (0x20000) and ADDR_NO_RANDOMIZE (0x40000), personality(2). */
    private static final int UNUSUAL_PERSONALITY = ~(0x8 | 0x20000 | 0x40000);

    static final Rule ALLOW = new Rule("allow", List.of(Instruction.answer(SECCOMP_RET_ALLOW)));

    static final Rule KILL = new Rule("kill", List.of(Instruction.answer(SECCOMP_RET_KILL_PROCESS)));

    static final Rule NO_USER_NAMESPACE = new Rule(
            "allow without CLONE_NEWUSER",
            List.of(
                    Instruction.load(Instruction.lowHalf(0)),
                    new Instruction(ANY_BIT, 0, 1, CLONE_NEWUSER),
                    Instruction.answer(SECCOMP_RET_ERRNO | Errno.EPERM),
                    Instruction.answer(SECCOMP_RET_ALLOW)));

    static final Rule NO_TYPING_FOR_OTHERS = new Rule(
            "allow but TIOCSTI and TIOCLINUX",
            List.of(
                    Instruction.load(Instruction.lowHalf(1)),
                    new Instruction(EQUAL, 1, 0, TIOCSTI),
                    new Instruction(EQUAL, 0, 1, TIOCLINUX),
                    Instruction.answer(SECCOMP_RET_ERRNO | Errno.EPERM),
                    Instruction.answer(SECCOMP_RET_ALLOW)));

    static final Rule COMMON_ADDRESS_FAMILIES = new Rule("allow common address families", families());

    static final Rule HARMLESS_PERSONALITIES = new Rule(
            "allow harmless personalities",
            List.of(
                    Instruction.load(Instruction.lowHalf(0)),
                    new Instruction(EQUAL, 2, 0, 0xFFFFFFFF), // the query
                    new Instruction(ANY_BIT, 0, 1, UNUSUAL_PERSONALITY),
                    Instruction.answer(SECCOMP_RET_ERRNO | Errno.EPERM),
                    Instruction.answer(SECCOMP_RET_ALLOW)));

    static Rule errno(int errno) {
        return new Rule(Errno.name(errno), List.of(Instruction.answer(SECCOMP_RET_ERRNO | errno)));
    }

    private static List<Instruction> families() {
        List<Instruction> code = new ArrayList<>();
        code.add(Instruction.load(Instruction.lowHalf(0)));
        for (int i = 0; i < FAMILIES.length; i++) {
            code.add(new Instruction(EQUAL, FAMILIES.length - i, 0, FAMILIES[i]));
        }
        code.add(Instruction.answer(SECCOMP_RET_ERRNO | Errno.EAFNOSUPPORT));
        code.add(Instruction.answer(SECCOMP_RET_ALLOW));
        return List.copyOf(code);
    }
}
