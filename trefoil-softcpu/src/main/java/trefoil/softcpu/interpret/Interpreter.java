package trefoil.softcpu.interpret;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import trefoil.engine.InterruptSource;
import trefoil.engine.VcpuExit;
import trefoil.machine.GuestMemory;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.CodePages;
import trefoil.softcpu.mmu.Exclusion;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.transfer.Delivery;
import trefoil.softcpu.transfer.Shutdown;
import trefoil.x86.decode.Decoder;
import trefoil.x86.decode.Instruction;
import trefoil.x86.decode.Outcome;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Rflags;
import trefoil.x86.state.Activity;

/**
 * Runs one processor: finds the code at RIP, lets the {@link HotLoop} execute it, and between two instructions delivers what is due. After STI or a load of SS, with TF, RF or a breakpoint set, and where an instruction goes
 * on in the next page, it executes a single instruction at a time.
 */
public final class Interpreter implements CodePages.Listener {
    private static final int ENTRIES = 1024;
    private static final int LONGEST = 15;
    private static final int NMI_VECTOR = 2;
    private static final long TF_OR_RF = Rflags.TF | Rflags.RF;

    private final Cpu cpu;
    private final Mmu mmu;
    private final GuestMemory memory;
    private final Family[] families;
    private final Delivery delivery;
    private final InterruptSource interrupts;
    private final Exclusion.Member member;
    private final DecodeCache cache;
    private final HotLoop hot;
    private final Decoder decoder = new Decoder();
    private final byte[] octets = new byte[LONGEST];

    private final long[] tags = new long[ENTRIES];
    private final long[] epochs = new long[ENTRIES];
    private final CodePage[] pages = new CodePage[ENTRIES];

    /** Pages whose code another thread has changed; -1 for all. */
    private final Set<Long> changed = ConcurrentHashMap.newKeySet();

    private volatile Thread runner;
    private volatile boolean waiting;
    private boolean nmiPending;
    private boolean woken;
    private boolean waitsForStartup;
    private volatile int startupVector;
    private final boolean bootstrap;
    private long deliveredInterrupts;
    private long deliveredExceptions;
    private long haltNanos;

    /** @param families by index of the row */
    public Interpreter(Cpu cpu, Mmu mmu, GuestMemory memory, CodePages code, Exclusion.Member member, Family[] families, Delivery delivery, InterruptSource interrupts, boolean bootstrap) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.memory = memory;
        this.families = families;
        this.delivery = delivery;
        this.interrupts = interrupts;
        this.bootstrap = bootstrap;
        this.waitsForStartup = !bootstrap;
        this.member = member;
        this.cache = new DecodeCache(memory, code, member);
        this.hot = new HotLoop(cpu, mmu, families);
        code.add(this);
    }

    /** Executes until the machine wants the thread, or the processor shuts down. */
    public VcpuExit run() {
        runner = Thread.currentThread();
        member.enter();
        try {
            while (true) {
                if (cpu.attention.getOpaque() == 0) {
                    advance();
                } else if (attend()) {
                    return new VcpuExit.Stopped();
                } else if (!cpu.halted && !waitsForStartup) {
                    // Whatever else has come up: an instruction at least, or a shadow would never end.
                    advance();
                }
            }
        } catch (Shutdown shutdown) {
            return new VcpuExit.Shutdown(shutdown.getMessage());
        } finally {
            member.leave();
            runner = null;
        }
    }

    /** From any thread: adds a reason, and wakes the processor if it is halted. */
    public void signal(int reason) {
        cpu.attend(reason);
        if (waiting) {
            LockSupport.unpark(runner);
        }
    }

    private void advance() {
        try {
            if (cpu.interruptShadow || (cpu.systemFlags & TF_OR_RF) != 0 || (cpu.dr[7] & 0xFF) != 0) {
                step();
                return;
            }
            long linear = linear(cpu.rip);
            CodePage page = page(linear);
            int slot = page == null ? -1 : cache.slot(page, (int) linear & 0xFFF);
            if (slot < 0 || (page.ops[slot * CodePage.WORDS] & Op.MASK) == Op.STRADDLE) {
                step();
                return;
            }
            long base = cpu.rip - (linear & 0xFFF);
            RawMemory.putLong(cpu.block + Block.PAGE_BASE, base);
            if (hot.run(page, slot, base)) {
                step();
            }
        } catch (Fault fault) {
            deliver(fault);
        }
    }

    private long linear(long rip) {
        return cpu.mode == Mode.LONG_64 ? rip : rip + cpu.base[Cpu.CS] & 0xFFFF_FFFFL;
    }

    private CodePage page(long linear) {
        long tag = linear & -GuestMemory.PAGE_SIZE | cpu.codeSize.ordinal() << 1 | (cpu.cpl == 3 ? 1 : 0);
        int n = (int) (linear >>> GuestMemory.PAGE_SHIFT) & ENTRIES - 1;
        CodePage page = pages[n];
        if (page != null && tags[n] == tag && epochs[n] == mmu.epoch() && !page.isVoid) {
            return page;
        }
        page = cache.page(mmu.fetch(linear), cpu.codeSize);
        tags[n] = tag;
        epochs[n] = mmu.epoch();
        pages[n] = page;
        return page;
    }

    private void deliver(Fault fault) {
        deliveredExceptions++;
        cpu.interruptShadow = false;
        delivery.deliver(fault.vector(), fault.errorCode());
    }

    // ---- one instruction ----

    private void step() {
        boolean traps = cpu.isSet(Rflags.TF);
        if ((cpu.dr[7] & 0xFF) != 0 && !cpu.isSet(Rflags.RF) && meetsBreakpoint()) {
            cpu.systemFlags |= Rflags.RF;
            throw cpu.fault(Vector.DB);
        }
        Instruction i = fetch();
        cpu.nextRip = cpu.rip + i.length() & cpu.ripMask();
        cpu.systemFlags &= ~(long) Rflags.RF;
        cpu.interruptShadow = false;
        families[i.rowIndex()].execute(i);
        cpu.rip = cpu.nextRip;
        cpu.instructions++;
        boolean intoHandler = switch (i.operation()) {
            case INT, INT3, INTO, INT1, SYSCALL, SYSENTER -> true;
            default -> false;
        };
        if (traps && !intoHandler) {
            cpu.pendingDebug |= DebugRegisters.DR6_BS;
        }
        if (cpu.pendingDebug != 0 && !cpu.interruptShadow) {
            deliveredExceptions++;
            delivery.deliver(Vector.DB, 0);
        }
    }

    /** Breakpoints on execution are faults: before the instruction (Intel SDM Vol. 3, 18.3.1.1). */
    private boolean meetsBreakpoint() {
        long linear = linear(cpu.rip);
        long met = 0;
        boolean enabled = false;
        for (int n = 0; n < 4; n++) {
            if (DebugRegisters.condition(cpu.dr[7], n) == DebugRegisters.Condition.EXECUTE && cpu.dr[n] == linear) {
                met |= 1L << n;
                enabled |= DebugRegisters.isEnabled(cpu.dr[7], n);
            }
        }
        cpu.pendingDebug |= enabled ? met : 0;
        return enabled;
    }

    /** The instruction at RIP, fetched octet by octet as far as it goes. */
    private Instruction fetch() {
        Instruction i = new Instruction();
        int have = 0;
        while (true) {
            have += fetch(cpu.rip + have & cpu.ripMask(), have);
            Outcome outcome = decoder.decode(cpu.codeSize, octets, 0, have, i);
            switch (outcome) {
                case DECODED -> {
                    checkLimit(i.length());
                    return i;
                }
                case UNDEFINED -> throw cpu.ud();
                case TOO_LONG -> throw cpu.gp();
                case TRUNCATED -> {
                    if (have == LONGEST) {
                        throw cpu.gp();
                    }
                }
            }
        }
    }

    private void checkLimit(int length) {
        if (cpu.mode != Mode.LONG_64 && (cpu.rip + length - 1 & cpu.ripMask()) > cpu.limit[Cpu.CS]) {
            throw cpu.gp();
        }
    }

    /** Octets from there to the end of the page, of those that an instruction may still have. */
    private int fetch(long rip, int have) {
        if (cpu.mode != Mode.LONG_64 && rip > cpu.limit[Cpu.CS]) {
            throw cpu.gp();
        }
        long linear = linear(rip);
        long physical = mmu.fetch(linear);
        int n = (int) Math.min(LONGEST - have, GuestMemory.PAGE_SIZE - (linear & GuestMemory.PAGE_SIZE - 1));
        long host = memory.readableHost(physical);
        for (int k = 0; k < n; k++) {
            octets[have + k] = host == 0 ? (byte) 0xFF : RawMemory.getByte(host + k);
        }
        return n;
    }

    // ---- between two instructions ----

    /** Sees to what wants attention; whether the machine wants the thread. */
    private boolean attend() {
        int reasons = cpu.attention.getAndSet(0);
        if ((reasons & Cpu.CODE) != 0) {
            clearChanged();
        }
        if ((reasons & Cpu.EXCLUSIVE) != 0) {
            member.giveWay();
        }
        nmiPending |= (reasons & Cpu.NMI) != 0;
        woken |= (reasons & Cpu.WAKE) != 0;
        if ((reasons & Cpu.INIT) != 0) {
            initialize();
        }
        if ((reasons & Cpu.STARTUP) != 0) {
            begin();
        }
        if ((reasons & Cpu.STOP) != 0) {
            cpu.attend(Cpu.SELF);
            return true;
        }
        if (cpu.interruptShadow && !cpu.halted) {
            cpu.attend(Cpu.SELF);
            return false;
        }
        try {
            if (waitsForStartup) {
                halt();
            } else if (nmiPending && !cpu.nmiBlocked) {
                nmiPending = false;
                cpu.halted = false;
                cpu.nmiBlocked = true;
                deliveredInterrupts++;
                delivery.interrupt(NMI_VECTOR);
            } else if (cpu.isSet(Rflags.IF) && interrupts.isInterruptPending()) {
                takeInterrupt();
            } else if (cpu.halted && woken) {
                woken = false;
                cpu.halted = false;
            } else if (cpu.halted) {
                halt();
            }
        } catch (Fault fault) {
            deliver(fault);
        }
        return false;
    }

    /** INIT (Vol. 3, 9.1.1): the bootstrap processor begins at the reset vector, another waits for a start-up message. */
    private void initialize() {
        cpu.reset();
        mmu.pagingChanged();
        mmu.breakpointsChanged();
        nmiPending = false;
        woken = false;
        waitsForStartup = !bootstrap;
    }

    /** A start-up message (Vol. 3, 11.4.4): real mode at the page that its vector names. Ignored by a processor that does not wait for it. */
    private void begin() {
        if (waitsForStartup) {
            waitsForStartup = false;
            int page = startupVector;
            cpu.segment(Cpu.CS, page << 8, (long) page << 12, 0xFFFF, 0x9B);
            cpu.rip = 0;
            cpu.modeChanged();
        }
    }

    /** From any thread: a start-up message. */
    public void startup(int vector) {
        startupVector = vector;
        signal(Cpu.STARTUP);
    }

    /** What the processor does, while it does not run. */
    public Activity activity() {
        return waitsForStartup ? Activity.WAIT_FOR_STARTUP : cpu.halted ? Activity.HALTED : Activity.RUNNING;
    }

    /** Sets what the processor does, while it does not run. */
    public void activity(Activity activity) {
        waitsForStartup = activity == Activity.WAIT_FOR_STARTUP;
        cpu.halted = activity == Activity.HALTED;
        cpu.attend(Cpu.SELF);
    }

    private void takeInterrupt() {
        int vector = interrupts.acknowledge();
        if (vector != InterruptSource.NONE) {
            cpu.halted = false;
            deliveredInterrupts++;
            delivery.interrupt(vector);
        }
        cpu.attend(Cpu.SELF);
    }

    /** Waits until something wants attention. */
    private void halt() {
        long from = System.nanoTime();
        member.leave();
        waiting = true;
        while (cpu.attention.get() == 0) {
            LockSupport.park(this);
            // An interrupt of the thread is no signal of the guest's; it must not make this loop spin.
            Thread.interrupted();
        }
        waiting = false;
        member.enter();
        haltNanos += System.nanoTime() - from;
        cpu.attend(Cpu.SELF);
    }

    private void clearChanged() {
        for (Long page : changed) {
            // First: what comes in from now on is seen to again.
            changed.remove(page);
            if (page == -1) {
                cache.clear();
                mmu.invalidateAll();
            } else {
                cache.clear(page);
            }
        }
    }

    // ---- code that changes ----

    @Override
    public void becameCode(long page) {
        mmu.protect(page);
    }

    @Override
    public void changed(long page) {
        if (Thread.currentThread() == runner) {
            cache.clear(page);
        } else {
            changed.add(page);
            cpu.attend(Cpu.CODE); // wakes nobody: one that is halted sees to it when it goes on
        }
    }

    @Override
    public void remapped() {
        changed.add(-1L);
        signal(Cpu.CODE);
    }

    // ---- figures ----

    public long deliveredInterrupts() {
        return deliveredInterrupts;
    }

    public long deliveredExceptions() {
        return deliveredExceptions;
    }

    public long haltNanos() {
        return haltNanos;
    }
}
