package trefoil.vmm;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Decoder;
import trefoil.x86.decode.Instruction;
import trefoil.x86.decode.Outcome;
import trefoil.x86.disassemble.Disassembler;
import trefoil.x86.paging.PageEntry;
import trefoil.x86.paging.PagingMode;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Efer;
import trefoil.x86.register.Rflags;
import trefoil.x86.state.CpuState;
import trefoil.x86.state.SegmentState;
import trefoil.x86.state.TableState;

/**
 * What a processor looked like when its machine came to a bad end: why, registers, code from RIP on, top of the stack. Reads guest memory through the guest's own page tables, and changes nothing there: no accessed
 * flag, no device's register. What cannot be read is said to be unreadable.
 */
public final class CrashReport {
    private static final List<String> GENERAL = List.of("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15");
    private static final List<String> SEGMENTS = List.of("es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr");
    private static final int RSP = 4;
    private static final int CS = 1;
    private static final int SS = 2;
    private static final int INSTRUCTIONS = 8;
    private static final int LONGEST = 15;
    private static final int STACK_WORDS = 16;
    /** Bits 13 and 14 of {@link SegmentState#attributes}: L and D/B. */
    private static final int LONG = 1 << 13;
    private static final int BIG = 1 << 14;
    private static final long LOW_32 = 0xFFFF_FFFFL;

    private final CpuState state;
    private final GuestMemory memory;
    private final StringBuilder text = new StringBuilder();

    private CrashReport(CpuState state, GuestMemory memory) {
        this.state = state;
        this.memory = memory;
    }

    /**
     * The report, of some forty lines, each ended by a line feed; the same for the same state and memory.
     *
     * @param why what the engine says of the end
     * @param state of a processor that does not run
     */
    public static String of(String why, CpuState state, GuestMemory memory) {
        CrashReport report = new CrashReport(state, memory);
        report.line("the processor stopped: " + why + ", at rip " + hex(state.rip(), 16) + " in " + report.mode());
        report.registers();
        report.system();
        report.code();
        report.stack();
        return report.text.toString();
    }

    private void line(String words) {
        text.append(words).append('\n');
    }

    private static String hex(long value, int digits) {
        return HexFormat.of().toHexDigits(value, digits);
    }

    // ---- registers ----

    private void registers() {
        for (int row = 0; row < GENERAL.size(); row += 4) {
            List<String> cells = new ArrayList<>();
            for (int n = row; n < row + 4; n++) {
                cells.add("%-3s %s".formatted(GENERAL.get(n), hex(state.general().get(n), 16)));
            }
            line(String.join("  ", cells));
        }
        line("rflags " + hex(state.rflags(), 8) + " [" + flags(state.rflags()) + "]" + (state.interruptShadow() ? ", interrupts held off" : "") + (state.nmiBlocked() ? ", NMIs blocked" : ""));
    }

    private record Flag(String name, long bit) {}

    private static final List<Flag> FLAGS = List.of(
            new Flag("cf", Rflags.CF), new Flag("pf", Rflags.PF), new Flag("af", Rflags.AF), new Flag("zf", Rflags.ZF), new Flag("sf", Rflags.SF), new Flag("tf", Rflags.TF), new Flag("if", Rflags.IF),
            new Flag("df", Rflags.DF), new Flag("of", Rflags.OF), new Flag("nt", Rflags.NT), new Flag("rf", Rflags.RF), new Flag("vm", Rflags.VM), new Flag("ac", Rflags.AC));

    private static String flags(long value) {
        StringBuilder set = new StringBuilder();
        FLAGS.stream().filter(flag -> (value & flag.bit()) != 0).forEach(flag -> set.append(flag.name()).append(' '));
        return set.append("iopl=").append(value >> Rflags.IOPL_SHIFT & 3).toString();
    }

    private void system() {
        for (int n = 0; n < SEGMENTS.size(); n++) {
            SegmentState segment = state.segments().get(n);
            line("%-4s %s base %s limit %s attributes %s".formatted(
                    SEGMENTS.get(n), hex(segment.selector(), 4), hex(segment.base(), 16), hex(segment.limit(), 8), hex(segment.attributes(), 4)));
        }
        line("gdtr " + table(state.gdtr()) + "  idtr " + table(state.idtr()));
        line("cr0 " + hex(state.cr0(), 8) + "  cr2 " + hex(state.cr2(), 16) + "  cr3 " + hex(state.cr3(), 16) + "  cr4 " + hex(state.cr4(), 8) + "  efer " + hex(state.efer(), 8));
    }

    private static String table(TableState table) {
        return hex(table.base(), 16) + " limit " + hex(table.limit(), 4);
    }

    // ---- modes ----

    private boolean isProtected() {
        return (state.cr0() & ControlRegisters.CR0_PE) != 0 && (state.rflags() & Rflags.VM) == 0;
    }

    private CodeSize codeSize() {
        int attributes = state.segments().get(CS).attributes();
        if ((state.efer() & Efer.LMA) != 0 && isProtected() && (attributes & LONG) != 0) {
            return CodeSize.BITS64;
        }
        return isProtected() && (attributes & BIG) != 0 ? CodeSize.BITS32 : CodeSize.BITS16;
    }

    private String mode() {
        PagingMode paging = paging();
        String bits = switch (codeSize()) {
            case BITS64 -> "64-bit mode";
            case BITS32 -> "32-bit protected mode";
            case BITS16 -> isProtected() ? "16-bit protected mode" : (state.rflags() & Rflags.VM) != 0 ? "virtual-8086 mode" : "real mode";
        };
        return bits + (paging == PagingMode.NONE ? " without paging" : " with paging of " + paging.levels() + " levels");
    }

    // ---- memory, as the guest has it ----

    private PagingMode paging() {
        return PagingMode.of(state.cr0(), state.cr4(), state.efer());
    }

    /** The physical address, if the tables give one (Intel SDM Vol. 3, 4.3 to 4.5); rights are not asked for. */
    private OptionalLong physical(long linear) {
        PagingMode paging = paging();
        if (paging == PagingMode.NONE) {
            return OptionalLong.of(linear & LOW_32);
        }
        if (paging.linearBits() > 32 && !PagingMode.isCanonical(linear, paging.linearBits())) {
            return OptionalLong.empty();
        }
        long mask = paging == PagingMode.BITS32 ? 0xFFFF_F000L : PageEntry.ADDRESS;
        long table = paging == PagingMode.PAE ? state.cr3() & 0xFFFF_FFE0L : state.cr3() & mask;
        try {
            for (int level = paging.levels(); ; level--) {
                long at = table + (long) paging.index(linear, level) * paging.entrySize();
                long entry = paging.entrySize() == 4 ? memory.getInt(at) & LOW_32 : memory.getLong(at);
                if ((entry & PageEntry.P) == 0) {
                    return OptionalLong.empty();
                }
                if (level == 1 || (entry & PageEntry.PS) != 0 && isLargeLevel(paging, level)) {
                    return OptionalLong.of(place(paging, level, entry & mask, entry, linear));
                }
                table = entry & mask;
            }
        } catch (GuestMemoryFault e) {
            return OptionalLong.empty();
        }
    }

    private boolean isLargeLevel(PagingMode paging, int level) {
        return level == 2 && (paging != PagingMode.BITS32 || (state.cr4() & ControlRegisters.CR4_PSE) != 0) || level == 3 && paging.levels() > 3;
    }

    private static long place(PagingMode paging, int level, long frame, long entry, long linear) {
        long size = 1L << paging.shift(level);
        long start = paging == PagingMode.BITS32 && level == 2 ? PageEntry.address4M((int) entry) : frame & -size;
        return start | linear & size - 1;
    }

    /** An octet of memory; -1 where there is none that can be read without consequences. */
    private int octet(long linear) {
        OptionalLong physical = physical(linear);
        if (physical.isEmpty()) {
            return -1;
        }
        try {
            return memory.getByte(physical.getAsLong()) & 0xFF;
        } catch (GuestMemoryFault e) {
            return -1;
        }
    }

    private byte[] octets(long linear, int most) {
        byte[] read = new byte[most];
        for (int n = 0; n < most; n++) {
            int octet = octet(wrapped(linear + n));
            if (octet < 0) {
                return java.util.Arrays.copyOf(read, n);
            }
            read[n] = (byte) octet;
        }
        return read;
    }

    private long wrapped(long linear) {
        return codeSize() == CodeSize.BITS64 ? linear : linear & LOW_32;
    }

    private long linear(int segment, long offset) {
        return wrapped(codeSize() == CodeSize.BITS64 ? offset : state.segments().get(segment).base() + offset);
    }

    // ---- code and stack ----

    private void code() {
        line("code:");
        Disassembler disassembler = new Disassembler(codeSize());
        Decoder decoder = new Decoder();
        long rip = state.rip();
        for (int n = 0; n < INSTRUCTIONS; n++) {
            byte[] octets = octets(linear(CS, rip), LONGEST);
            Instruction i = new Instruction();
            if (octets.length == 0 || decoder.decode(codeSize(), octets, 0, octets.length, i) != Outcome.DECODED) {
                line("  " + hex(rip, 16) + ": " + (octets.length == 0 ? "(unreadable)" : HexFormat.of().formatHex(octets) + "  (no instruction)"));
                return;
            }
            line("  %s: %-30s  %s".formatted(hex(rip, 16), HexFormat.of().formatHex(octets, 0, i.length()), disassembler.text(i, rip)));
            rip += i.length();
        }
    }

    private void stack() {
        int size = codeSize() == CodeSize.BITS64 ? 8 : codeSize() == CodeSize.BITS32 ? 4 : 2;
        long pointer = state.general().get(RSP);
        boolean big = codeSize() == CodeSize.BITS64 || (state.segments().get(SS).attributes() & BIG) != 0;
        line("stack, words of " + size + " octets:");
        StringBuilder row = new StringBuilder();
        for (int n = 0; n < STACK_WORDS; n++) {
            long offset = big ? pointer + (long) n * size : pointer + (long) n * size & 0xFFFF;
            String word = word(octets(linear(SS, offset), size), size);
            row.append(n % 4 == 0 ? "  " + hex(linear(SS, offset), 16) + ": " : " ").append(word);
            if (n % 4 == 3) {
                line(row.toString());
                row.setLength(0);
            }
        }
    }

    private static String word(byte[] octets, int size) {
        if (octets.length < size) {
            return "?".repeat(2 * size);
        }
        long value = 0;
        for (int n = size - 1; n >= 0; n--) {
            value = value << 8 | octets[n] & 0xFF;
        }
        return hex(value, 2 * size);
    }
}
