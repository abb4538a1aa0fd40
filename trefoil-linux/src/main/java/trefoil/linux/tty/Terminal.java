package trefoil.linux.tty;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.file.Open;

/** Pseudoterminals: pty(7), ioctl_tty(2), termios(3). Thread-safe. */
public final class Terminal {
    private static final int SYS_IOCTL = 16;
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TIOCSCTTY = 0x540E;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final long TIOCGPTN = 0x80045430L;
    private static final long TIOCSPTLCK = 0x40045431L;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int KERNEL_TERMIOS_SIZE = 36; // asm-generic/termbits.h, NCCS 19
    private static final int C_OFLAG = 4;
    private static final int C_LFLAG = 12;

    /** Width and height in characters. */
    public record Size(int columns, int rows) {}

    private Terminal() {}

    /** Opens a new master on the {@code ptmx} of a devpts and unlocks its slave. */
    public static FileDescriptor open(FileDescriptor devpts) throws ErrnoException {
        FileDescriptor master =
                Open.openat2(devpts, "ptmx", Open.O_RDWR | Open.O_NOCTTY, 0, Open.RESOLVE_BENEATH);
        return unlocked(master);
    }

    /** Opens a new master on the host's own {@code /dev/ptmx} and unlocks its slave. */
    public static FileDescriptor open() throws ErrnoException {
        return unlocked(Open.open("/dev/ptmx", Open.O_RDWR | Open.O_NOCTTY, 0));
    }

    private static FileDescriptor unlocked(FileDescriptor master) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zero = arena.allocate(4, 4);
            ioctl("TIOCSPTLCK", master, TIOCSPTLCK, zero.address());
            return master;
        } catch (ErrnoException e) {
            master.close();
            throw e;
        }
    }

    /** TIOCGPTPEER: opens the slave of a master, whatever is mounted where. */
    public static FileDescriptor slave(FileDescriptor master) throws ErrnoException {
        int flags = Open.O_RDWR | Open.O_NOCTTY | Open.O_CLOEXEC;
        return new FileDescriptor((int) ioctl("TIOCGPTPEER", master, TIOCGPTPEER, flags), "slave of " + master);
    }

    /** TIOCGPTN: the slave's name in its devpts. */
    public static int number(FileDescriptor master) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(4, 4);
            ioctl("TIOCGPTN", master, TIOCGPTN, number.address());
            return number.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /**
     * TIOCSWINSZ: changes the size and tells the foreground processes (SIGWINCH).
     *
     * @param columns 0–65535
     * @param rows 0–65535
     */
    public static void resize(FileDescriptor terminal, int columns, int rows) throws ErrnoException {
        if ((columns | rows) >>> 16 != 0) {
            throw new IllegalArgumentException("no size of a terminal: " + columns + " x " + rows);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(8, 2); // struct winsize {u16 rows, columns, xpixel, ypixel}
            size.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
            size.set(ValueLayout.JAVA_SHORT, 2, (short) columns);
            ioctl("TIOCSWINSZ", terminal, TIOCSWINSZ, size.address());
        }
    }

    /** TIOCGWINSZ. */
    public static Size size(FileDescriptor terminal) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(8, 2);
            ioctl("TIOCGWINSZ", terminal, TIOCGWINSZ, size.address());
            int rows = size.get(ValueLayout.JAVA_SHORT, 0) & 0xFFFF;
            return new Size(size.get(ValueLayout.JAVA_SHORT, 2) & 0xFFFF, rows);
        }
    }

    /** TIOCSCTTY: makes it the controlling terminal of this session's leader. */
    public static void control(FileDescriptor terminal) throws ErrnoException {
        ioctl("TIOCSCTTY", terminal, TIOCSCTTY, 0);
    }

    /** Passes bytes both ways as they are: no echo, no lines, no translation, no signals. */
    public static void raw(FileDescriptor terminal) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            // struct termios {u32 c_iflag, c_oflag, c_cflag, c_lflag; u8 c_line, c_cc[19]}
            MemorySegment termios = arena.allocate(KERNEL_TERMIOS_SIZE, 4);
            ioctl("TCGETS", terminal, TCGETS, termios.address());
            termios.set(ValueLayout.JAVA_INT, 0, 0);
            termios.set(ValueLayout.JAVA_INT, C_OFLAG, 0);
            termios.set(ValueLayout.JAVA_INT, C_LFLAG, 0);
            ioctl("TCSETS", terminal, TCSETS, termios.address());
        }
    }

    private static long ioctl(String name, FileDescriptor fd, long request, long argument) throws ErrnoException {
        return Syscall.call("ioctl(" + fd + ", " + name + ")", SYS_IOCTL, fd.number(), request, argument);
    }
}
