package trefoil.softcpu.oracle;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import trefoil.linux.ErrnoException;
import trefoil.linux.call.Syscall;
import trefoil.linux.memory.NativeCode;
import trefoil.linux.memory.Pages;
import trefoil.machine.RawMemory;

/**
 * Executes one instruction on the host's processor, with all registers that a program has, RSP too: everything lies below 2 GiB, so that the stub needs no register to reach it. One thread uses it, which has an
 * alternate stack for signals as long as it is open (sigaltstack(2)).
 */
final class NativeStub implements AutoCloseable {
    /** Where the instruction stands. */
    static final long CODE = 0x90_0000;

    /** Where a taken jump leads, from the end of the instruction. */
    static final int LANDING = 32;

    private static final long STUB = 0xA0_0000;
    private static final long BLOCK = 0xA1_0000;
    private static final long SIGNAL_STACK = 0xA2_0000;
    private static final int SIGNAL_STACK_SIZE = 1 << 16;

    private static final long IN = BLOCK;
    private static final long IN_FLAGS = BLOCK + 128;
    private static final long HOST_STACK = BLOCK + 136;
    private static final long HOST_MXCSR = BLOCK + 144;
    private static final long HOST_CONTROL = BLOCK + 148;
    private static final long TRAP = BLOCK + 152;
    private static final long EXIT = BLOCK + 160;
    private static final long TAKEN = BLOCK + 168;
    private static final long OUT = BLOCK + 256;
    private static final long OUT_FLAGS = BLOCK + 384;
    private static final long IN_FX = BLOCK + 512;
    private static final long OUT_FX = BLOCK + 1024;
    private static final long HANDLERS = BLOCK + 2048;
    private static final long ARGUMENT = BLOCK + 3072;
    private static final long SAVED_ACTIONS = BLOCK + 3328;

    private static final int SYS_RT_SIGACTION = 13;
    private static final int SYS_SIGALTSTACK = 131;
    private static final int SIGSEGV = 11;
    /** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV. */
    private static final int[] SIGNALS = {4, 5, 7, 8, SIGSEGV};

    private static final long SA_ONSTACK = 0x0800_0000L;
    private static final int ACTION_SIZE = 32;
    private static final int SS_DISABLE = 2;

    private final Pages memory = new Pages(State.MEMORY, State.MEMORY_SIZE);
    private final Pages code = new Pages(CODE, 4096).executableAndWritable();
    private final Pages stub = new Pages(STUB, 4096);
    private final Pages block = new Pages(BLOCK, 4096);
    private final Pages signalStack = new Pages(SIGNAL_STACK, SIGNAL_STACK_SIZE);
    private final byte[] leave = hex("FF2425" + address(EXIT)); // jmp [EXIT]
    private final byte[] land = concatenate(hex("C70425" + address(TAKEN) + "01000000"), leave); // mov dword [TAKEN], 1; jmp [EXIT]

    NativeStub() throws ErrnoException {
        byte[] entry = entry();
        byte[] exit = exit();
        byte[] handler = handler();
        write(STUB, entry);
        write(STUB + 1024, exit);
        write(STUB + 2048, handler);
        stub.executable();
        RawMemory.putLong(EXIT, STUB + 1024);
        takeSignals();
    }

    // ---- machine code ----

    private static byte[] entry() {
        StringBuilder text = new StringBuilder();
        text.append("53 55 4154 4155 4156 4157 9C"); // push rbx, rbp, r12 to r15; pushfq
        text.append("48892425").append(address(HOST_STACK)); // mov [HOST_STACK], rsp
        text.append("0FAE1C25").append(address(HOST_MXCSR)); // stmxcsr [HOST_MXCSR]
        text.append("D93C25").append(address(HOST_CONTROL)); // fnstcw [HOST_CONTROL]
        text.append("480FAE0C25").append(address(IN_FX)); // fxrstor64 [IN_FX]
        text.append("FF3425").append(address(IN_FLAGS)).append("9D"); // push qword [IN_FLAGS]; popfq
        for (int n = 0; n < 16; n++) {
            text.append(move(0x8B, n, IN + 8 * n)); // mov reg, [IN + 8 n]
        }
        int length = hex(text.toString()).length;
        text.append("E9").append(address(CODE - (STUB + length + 5))); // jmp CODE
        return hex(text.toString());
    }

    private static byte[] exit() {
        StringBuilder text = new StringBuilder();
        for (int n = 0; n < 16; n++) {
            text.append(move(0x89, n, OUT + 8 * n)); // mov [OUT + 8 n], reg
        }
        text.append("488B2425").append(address(HOST_STACK)); // mov rsp, [HOST_STACK]
        text.append("9C 8F0425").append(address(OUT_FLAGS)); // pushfq; pop qword [OUT_FLAGS]
        text.append("480FAE0425").append(address(OUT_FX)); // fxsave64 [OUT_FX]
        text.append("DBE3 D92C25").append(address(HOST_CONTROL)); // fninit; fldcw [HOST_CONTROL]
        text.append("0FAE1425").append(address(HOST_MXCSR)); // ldmxcsr [HOST_MXCSR]
        text.append("9D 415F 415E 415D 415C 5D 5B C3"); // popfq; pop r15 to r12, rbp, rbx; ret
        return hex(text.toString());
    }

    /** {@code void handler(int signal, siginfo_t *, ucontext_t *)}: ucontext_t has RIP at 168 and the vector at 200. */
    private static byte[] handler() {
        return hex("488B82A8000000" // mov rax, [rdx + 168]
                + "482D" + address(CODE) // sub rax, CODE
                + "483D00100000" // cmp rax, 4096
                + "731F" // jae chain
                + "488B82C8000000" // mov rax, [rdx + 200]
                + "48890425" + address(TRAP) // mov [TRAP], rax
                + "488B0425" + address(EXIT) // mov rax, [EXIT]
                + "488982A8000000" // mov [rdx + 168], rax
                + "C3" // ret
                + "89F8" // chain: mov eax, edi
                + "FF24C5" + address(HANDLERS)); // jmp [HANDLERS + 8 rax]
    }

    /** MOV between a register of 64 bits and an absolute address. */
    private static String move(int opcode, int register, long at) {
        return "%02X%02X%02X25".formatted(0x48 | (register >> 3) << 2, opcode, 4 | (register & 7) << 3) + address(at);
    }

    private static String address(long value) {
        return "%08X".formatted(Integer.reverseBytes((int) value));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static byte[] concatenate(byte[] a, byte[] b) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(a);
        out.writeBytes(b);
        return out.toByteArray();
    }

    private static void write(long address, byte[] octets) {
        for (int i = 0; i < octets.length; i++) {
            RawMemory.putByte(address + i, octets[i]);
        }
    }

    // ---- signals ----

    private void takeSignals() throws ErrnoException {
        alternateStack(0);
        action(SIGSEGV, 0, ARGUMENT);
        long flags = RawMemory.getLong(ARGUMENT + 8) | SA_ONSTACK;
        long restorer = RawMemory.getLong(ARGUMENT + 16);
        for (int signal : SIGNALS) {
            long saved = SAVED_ACTIONS + ACTION_SIZE * (long) signal;
            action(signal, 0, saved);
            RawMemory.putLong(HANDLERS + 8L * signal, RawMemory.getLong(saved));
            RawMemory.putLong(ARGUMENT, STUB + 2048);
            RawMemory.putLong(ARGUMENT + 8, flags);
            RawMemory.putLong(ARGUMENT + 16, restorer);
            RawMemory.putLong(ARGUMENT + 24, 0);
            action(signal, ARGUMENT, 0);
        }
    }

    /** rt_sigaction(2) with the kernel's structure: handler, flags, restorer, mask. */
    private static void action(int signal, long set, long old) throws ErrnoException {
        Syscall.call("rt_sigaction", SYS_RT_SIGACTION, signal, set, old, 8, 0, 0);
    }

    private static void alternateStack(int flags) throws ErrnoException {
        RawMemory.putLong(ARGUMENT, SIGNAL_STACK);
        RawMemory.putLong(ARGUMENT + 8, flags);
        RawMemory.putLong(ARGUMENT + 16, SIGNAL_STACK_SIZE);
        Syscall.call("sigaltstack", SYS_SIGALTSTACK, ARGUMENT, 0, 0);
    }

    @Override
    public void close() throws ErrnoException {
        for (int signal : SIGNALS) {
            action(signal, SAVED_ACTIONS + ACTION_SIZE * (long) signal, 0);
        }
        alternateStack(SS_DISABLE);
        signalStack.close();
        block.close();
        stub.close();
        code.close();
        memory.close();
    }

    // ---- one instruction ----

    /** Executes {@code octets}, which must not reach memory outside of {@link State#memory}, nor leave the code but to {@link #LANDING}. */
    void execute(byte[] octets, State before, State after) {
        load(octets, before);
        NativeCode.call(STUB, 0);
        store(after);
    }

    private void load(byte[] octets, State before) {
        write(CODE, octets);
        write(CODE + octets.length, leave);
        write(CODE + octets.length + LANDING, land);
        for (int n = 0; n < 16; n++) {
            RawMemory.putLong(IN + 8 * n, before.general[n]);
        }
        RawMemory.putLong(IN_FLAGS, before.flags);
        RawMemory.putLong(TRAP, -1);
        RawMemory.putLong(TAKEN, 0);
        MemorySegment.copy(before.fx, 0, block.memory(), ValueLayout.JAVA_BYTE, IN_FX - BLOCK, State.FX_SIZE);
        MemorySegment.copy(before.memory, 0, memory.memory(), ValueLayout.JAVA_BYTE, 0, State.MEMORY_SIZE);
    }

    private void store(State after) {
        for (int n = 0; n < 16; n++) {
            after.general[n] = RawMemory.getLong(OUT + 8 * n);
        }
        after.flags = RawMemory.getLong(OUT_FLAGS);
        after.vector = (int) RawMemory.getLong(TRAP);
        after.taken = RawMemory.getLong(TAKEN) != 0;
        MemorySegment.copy(block.memory(), ValueLayout.JAVA_BYTE, OUT_FX - BLOCK, after.fx, 0, State.FX_SIZE);
        MemorySegment.copy(memory.memory(), ValueLayout.JAVA_BYTE, 0, after.memory, 0, State.MEMORY_SIZE);
    }
}
