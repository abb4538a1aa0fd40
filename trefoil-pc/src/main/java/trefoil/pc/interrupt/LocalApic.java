package trefoil.pc.interrupt;

import java.util.function.IntSupplier;
import trefoil.machine.Clock;
import trefoil.machine.InterruptLine;
import trefoil.machine.Mmio;
import trefoil.pc.Frequency;

/**
 * The local APIC of one processor, as xAPIC and x2APIC (Intel SDM volume 3, chapter 11), with six LVT entries. Thread-safe.
 *
 * <p>The processor's own accesses to the page at {@link #address} go to {@link #read} and {@link #write}, those to MSRs 0x1B, 0x6E0 and 0x800 to 0x8FF to {@link #readMsr} and
 * {@link #writeMsr}, CR8 is {@link #tpr} by 16. (No bus finds the page: each processor sees its own there.)
 *
 * <p>Deviations: the APIC ID register of the xAPIC is read-only. Messages arrive at once, so Delivery Status always reads 0. There is no CMCI entry and no suppression of EOI broadcasts.
 * Thermal and performance entries exist, and nothing causes them. LINT polarity is stored and not looked at. A remote-read reads 0. Accesses that do not lie in the 32 bits at a multiple of 16 read 0
 * and write nothing.
 */
public final class LocalApic implements Mmio {
    /** Everything but the identity. */
    public record State(
            long apicBase,
            int tpr,
            int ldr,
            int dfr,
            int svr,
            int[] isr,
            int[] tmr,
            int[] irr,
            int esr,
            int errors,
            long icr,
            int[] lvt,
            int lint,
            boolean externalLatched,
            boolean eoiDeferred,
            ApicTimer.State timer) {}

    /** Bytes of the page. */
    public static final int SIZE = 0x1000;
    /** Where the page is after reset. */
    public static final long DEFAULT_ADDRESS = 0xFEE0_0000L;

    public static final int IA32_APIC_BASE = 0x1B;
    public static final int IA32_TSC_DEADLINE = 0x6E0;
    public static final int X2APIC_FIRST = 0x800;
    public static final int X2APIC_LAST = 0x8FF;

    private static final long BASE_BSP = 1 << 8;
    private static final long BASE_EXTD = 1 << 10;
    private static final long BASE_EN = 1 << 11;
    private static final long BASE_RESERVED = 0xFFF0_0000_0000_02FFL;

    private static final int VERSION = 5 << 16 | 0x14;

    private static final int SVR_ENABLE = 0x100;
    private static final int LVT_MASKED = 0x1_0000;
    private static final int LVT_LEVEL = 0x8000;
    private static final int LVT_REMOTE_IRR = 0x4000;

    private static final int LVT_TIMER = 0;
    private static final int LVT_LINT0 = 3;
    private static final int LVT_ERROR = 5;
    private static final int[] LVT_WRITABLE = {0x700FF, 0x107FF, 0x107FF, 0x1A7FF, 0x1A7FF, 0x100FF};

    private static final int ERROR_SEND_VECTOR = 0x20;
    private static final int ERROR_RECEIVE_VECTOR = 0x40;
    private static final int ERROR_REGISTER = 0x80;

    private static final int ICR_WRITABLE = 0xC_CFFF;

    private final int id;
    private final ApicBus bus;
    private final ProcessorSignals processor;
    private final IntSupplier external;
    private final ApicTimer timer;

    private final VectorSet isr = new VectorSet();
    private final VectorSet tmr = new VectorSet();
    private final VectorSet irr = new VectorSet();
    private final int[] lvt = new int[6];
    private volatile long apicBase;
    private int tpr;
    private int ldr;
    private int dfr;
    private int svr;
    private int esr;
    private int errors;
    private long icr;
    /** Levels of LINT0 and LINT1. */
    private int lint;
    private boolean externalLatched;
    /** {@link #deferEoi}. */
    private boolean eoiDeferred;

    /** Vector to be taken next, -1 if none; and whether the 8259As' comes first. */
    private volatile int pending = -1;
    private volatile boolean externalPending;

    /**
     * The first one that is made on a bus is the bootstrap processor's.
     *
     * @param external acknowledges an interrupt of the 8259As and gives its vector
     * @param timerRate what the timer counts before its divider
     */
    public LocalApic(int id, ApicBus bus, ProcessorSignals processor, IntSupplier external, Clock clock, Frequency timerRate, TimeStampCounter tsc) {
        this.id = id;
        this.bus = bus;
        this.processor = processor;
        this.external = external;
        this.timer = new ApicTimer(clock, timerRate, tsc, this::timerDue);
        this.apicBase = DEFAULT_ADDRESS | BASE_EN | (bus.locals().isEmpty() ? BASE_BSP : 0);
        resetRegisters();
        bus.join(this);
    }

    public int id() {
        return id;
    }

    // ---- the processor's side ----

    /** Where the page is; -1 while there is none (x2APIC, or disabled). */
    public long address() {
        long now = apicBase;
        return (now & (BASE_EN | BASE_EXTD)) == BASE_EN ? now & 0xF_FFFF_FFFF_F000L : -1;
    }

    /** Whether {@link #acknowledge} would give an interrupt that the processor's priority lets through. One volatile read if there is one, two if not. */
    public boolean isInterruptPending() {
        return pending >= 0 || externalPending;
    }

    /** Takes the interrupt: its vector; the spurious one if it has gone meanwhile. */
    public int acknowledge() {
        synchronized (this) {
            if (!externalPending) {
                return acknowledgeOwn();
            }
            externalLatched = false;
            settle();
        }
        return external.getAsInt();
    }

    private int acknowledgeOwn() {
        int vector = pending;
        if (vector < 0) {
            return svr & 0xFF;
        }
        irr.remove(vector);
        isr.add(vector);
        settle();
        return vector;
    }

    /**
     * Whether the end of the interrupt that is in service may be told later: where nothing waits for it. It may then be kept where the guest can say it without an access to this device (Linux kernel documentation,
     * virt/kvm/x86/msr.rst, MSR_KVM_PV_EOI_EN). From then on the processor is told of every interrupt that comes, whatever its priority, and {@link #settleEoi} is to be called before anything else is asked for.
     */
    public synchronized boolean deferEoi() {
        int vector = isr.highest();
        eoiDeferred = vector >= 0 && !tmr.holds(vector) && irr.highest() < 0;
        return eoiDeferred;
    }

    /** What has become of an end that was deferred: whether the guest has said it. */
    public void settleEoi(boolean ended) {
        boolean was;
        synchronized (this) {
            was = eoiDeferred;
            eoiDeferred = false;
        }
        if (was && ended) {
            endOfInterrupt();
        }
    }

    /** Task priority; CR8 is its upper half. */
    public synchronized int tpr() {
        return tpr;
    }

    public synchronized void tpr(int value) {
        tpr = value & 0xFF;
        settle();
    }

    /** The processor's time-stamp counter was set, so that a deadline is at another time. */
    public synchronized void tscChanged() {
        if (timer.tscChanged()) {
            raise(LVT_TIMER);
        }
    }

    /** Power-up or RESET: xAPIC mode, at the default address. */
    public synchronized void reset() {
        apicBase = DEFAULT_ADDRESS | BASE_EN | apicBase & BASE_BSP;
        resetRegisters();
    }

    private void resetRegisters() {
        isr.clear();
        tmr.clear();
        irr.clear();
        java.util.Arrays.fill(lvt, LVT_MASKED);
        tpr = 0;
        ldr = 0;
        dfr = -1;
        svr = 0xFF;
        esr = 0;
        errors = 0;
        icr = 0;
        externalLatched = false;
        eoiDeferred = false;
        timer.stop();
        timer.mode(ApicTimer.ONE_SHOT);
        timer.divide(0);
        settle();
    }

    // ---- lines ----

    /** LINT0 (INTR while the APIC is disabled) or LINT1 (NMI). */
    public InterruptLine lint(int number) {
        int bit = 1 << number;
        return new InterruptLine() {
            @Override
            public void raise() {
                setLint(bit, number, true);
            }

            @Override
            public void lower() {
                setLint(bit, number, false);
            }
        };
    }

    private synchronized void setLint(int bit, int number, boolean high) {
        boolean rises = high && (lint & bit) == 0;
        lint = high ? lint | bit : lint & ~bit;
        if (rises) {
            lintActive(number);
        }
        settle();
    }

    private void lintActive(int number) {
        int entry = lvt[LVT_LINT0 + number];
        if (!isEnabled()) {
            if (number == 1) {
                processor.nmi();
            }
        } else if ((entry & LVT_MASKED) == 0) {
            deliverLint(LVT_LINT0 + number, entry);
        }
    }

    private void deliverLint(int index, int entry) {
        boolean level = (entry & LVT_LEVEL) != 0 && DeliveryMode.of(entry) == DeliveryMode.FIXED;
        if (!level) {
            raise(index);
        } else if ((entry & LVT_REMOTE_IRR) == 0) {
            lvt[index] |= LVT_REMOTE_IRR;
            acceptVector(entry & 0xFF, true);
        }
    }

    /** An LVT entry's event. */
    private void raise(int index) {
        int entry = lvt[index];
        if ((entry & LVT_MASKED) != 0) {
            return;
        }
        boolean hasMode = index != LVT_TIMER && index != LVT_ERROR;
        switch (hasMode ? DeliveryMode.of(entry) : DeliveryMode.FIXED) {
            case FIXED -> acceptVector(entry & 0xFF, false);
            case SMI -> processor.smi();
            case NMI -> processor.nmi();
            case INIT -> initialize();
            case EXTINT, LOWEST_PRIORITY, STARTUP, RESERVED -> {} // EXTINT: a level, see settle
        }
    }

    private synchronized void timerDue() {
        if (timer.hasExpired()) {
            raise(LVT_TIMER);
        }
    }

    // ---- messages ----

    /** Whether a message's destination names this one (SDM volume 3, 11.6.2; x2APIC: 11.12.10.2). */
    synchronized boolean isMeant(InterruptMessage message) {
        int destination = message.destination();
        if (destination == InterruptMessage.BROADCAST) {
            return true;
        }
        if (!message.logical()) {
            return destination == id;
        }
        if (isX2Apic()) {
            int own = logicalId();
            return destination >>> 16 == own >>> 16 && (destination & own & 0xFFFF) != 0;
        }
        int own = ldr >>> 24;
        if (dfr == -1) {
            return (destination & own) != 0;
        }
        return (dfr >>> 28) == 0 && ((destination ^ own) & 0xF0) == 0 && (destination & own & 0xF) != 0;
    }

    /** Order among processors of equal right to a lowest-priority message: less is served first. */
    synchronized int arbitrationPriority() {
        return isEnabled() && (svr & SVR_ENABLE) != 0 ? ppr() : Integer.MAX_VALUE;
    }

    /** Whether it was taken. */
    synchronized boolean accept(InterruptMessage message) {
        boolean software = (svr & SVR_ENABLE) != 0;
        if (!isEnabled()) {
            return false;
        }
        switch (message.mode()) {
            case FIXED, LOWEST_PRIORITY -> {
                return software && acceptVector(message.vector(), message.level());
            }
            case SMI -> processor.smi();
            case NMI -> processor.nmi();
            case INIT -> initialize();
            case STARTUP -> processor.startup(message.vector());
            case EXTINT -> {
                externalLatched |= software;
                settle();
            }
            case RESERVED -> {
                return false;
            }
        }
        return true;
    }

    private void initialize() {
        resetRegisters();
        processor.init();
    }

    private boolean acceptVector(int vector, boolean level) {
        if (vector < 16) {
            error(ERROR_RECEIVE_VECTOR);
            return false;
        }
        irr.add(vector);
        if (level) {
            tmr.add(vector);
        } else {
            tmr.remove(vector);
        }
        settle();
        return true;
    }

    private void error(int bit) {
        boolean fresh = (errors & bit) == 0;
        errors |= bit;
        int vector = lvt[LVT_ERROR] & 0xFF;
        if (fresh && vector >= 16) { // an error interrupt that is itself illegal would be an error without end
            raise(LVT_ERROR);
        }
    }

    // ---- priorities ----

    private boolean isEnabled() {
        return (apicBase & BASE_EN) != 0;
    }

    private boolean isX2Apic() {
        return (apicBase & BASE_EXTD) != 0;
    }

    /** Processor priority (SDM volume 3, 11.8.3.1). */
    private int ppr() {
        int serving = Math.max(0, isr.highest()) & 0xF0;
        return (tpr & 0xF0) >= serving ? tpr : serving;
    }

    /** Finds what is to be taken next after any change, and tells the processor of what is new. */
    private void settle() {
        int highest = isEnabled() ? irr.highest() : -1;
        int vector = highest >= 0 && highest >> 4 > ppr() >> 4 ? highest : -1;
        boolean fromOutside = isExternalPending();
        boolean news = vector >= 0 && vector != pending || fromOutside && !externalPending || eoiDeferred && highest >= 0;
        pending = vector;
        externalPending = fromOutside;
        if (news) {
            processor.interrupt();
        }
    }

    private boolean isExternalPending() {
        boolean line = (lint & 1) != 0;
        if (!isEnabled()) {
            return line;
        }
        int entry = lvt[LVT_LINT0];
        return externalLatched || line && (entry & LVT_MASKED) == 0 && DeliveryMode.of(entry) == DeliveryMode.EXTINT;
    }

    private void endOfInterrupt() {
        int vector;
        boolean level;
        synchronized (this) {
            vector = isr.highest();
            if (vector < 0) {
                return;
            }
            isr.remove(vector);
            level = tmr.holds(vector);
            settle();
            if (level) {
                endLint(vector);
            }
        }
        if (level) {
            bus.broadcastEoi(vector);
        }
    }

    private void endLint(int vector) {
        for (int number = 0; number < 2; number++) {
            int index = LVT_LINT0 + number;
            if ((lvt[index] & (LVT_REMOTE_IRR | 0xFF)) == (LVT_REMOTE_IRR | vector)) {
                lvt[index] &= ~LVT_REMOTE_IRR;
                if ((lint >> number & 1) != 0) {
                    lintActive(number);
                }
            }
        }
    }

    // ---- interprocessor interrupts ----

    /** What was written into the ICR goes out (SDM volume 3, 11.6.1). */
    private void sendIcr() {
        int low;
        int destination;
        synchronized (this) {
            low = (int) icr;
            destination = isX2Apic() ? (int) (icr >>> 32) : InterruptMessage.wide((int) (icr >>> 56));
            DeliveryMode mode = DeliveryMode.of(low);
            boolean vectored = mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY;
            boolean deassert = mode == DeliveryMode.INIT && (low & 0xC000) == 0x8000;
            if (vectored && (low & 0xFF) < 16) {
                error(ERROR_SEND_VECTOR);
                return;
            }
            if (deassert || mode == DeliveryMode.RESERVED || mode == DeliveryMode.EXTINT) {
                return;
            }
        }
        InterruptMessage message = new InterruptMessage(destination, (low & 0x800) != 0, DeliveryMode.of(low), low & 0xFF, false);
        switch (low >> 18 & 3) {
            case 0 -> bus.send(message);
            case 1 -> accept(message);
            case 2 -> bus.send(new InterruptMessage(InterruptMessage.BROADCAST, false, message.mode(), message.vector(), false));
            default -> bus.sendToOthers(this, message);
        }
    }

    private int logicalId() {
        return id >>> 4 << 16 | 1 << (id & 15);
    }

    // ---- registers, by number: a 16th of their offset in the page, and of their MSR behind 0x800 ----

    private int readRegister(int number) {
        return switch (number) {
            case 0x02 -> isX2Apic() ? id : id << 24;
            case 0x03 -> VERSION;
            case 0x08 -> tpr;
            case 0x09, 0x0A -> ppr();
            case 0x0D -> isX2Apic() ? logicalId() : ldr;
            case 0x0E -> dfr;
            case 0x0F -> svr;
            case 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17 -> isr.word(number & 7);
            case 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F -> tmr.word(number & 7);
            case 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27 -> irr.word(number & 7);
            case 0x28 -> esr;
            case 0x30 -> (int) icr;
            case 0x31 -> (int) (icr >>> 32);
            case 0x32, 0x33, 0x34, 0x35, 0x36, 0x37 -> lvt[number - 0x32];
            case 0x38 -> timer.initial();
            case 0x39 -> timer.current();
            case 0x3E -> timer.divide();
            default -> 0;
        };
    }

    private synchronized void writeRegister(int number, int value) {
        switch (number) {
            case 0x08 -> tpr = value & 0xFF;
            case 0x0D -> ldr = value & 0xFF00_0000;
            case 0x0E -> dfr = value | 0x0FFF_FFFF;
            case 0x0F -> writeSvr(value & 0x1FF);
            case 0x28 -> {
                esr = errors;
                errors = 0;
            }
            case 0x31 -> icr = icr & 0xFFFF_FFFFL | (long) (value & 0xFF00_0000) << 32;
            case 0x32, 0x33, 0x34, 0x35, 0x36, 0x37 -> writeLvt(number - 0x32, value);
            case 0x38 -> timer.initial(value);
            case 0x3E -> timer.divide(value);
            default -> {} // read-only
        }
        settle();
    }

    private void writeSvr(int value) {
        svr = value;
        if ((value & SVR_ENABLE) == 0) {
            for (int i = 0; i < lvt.length; i++) {
                lvt[i] |= LVT_MASKED;
            }
        }
    }

    private void writeLvt(int index, int value) {
        int entry = value & LVT_WRITABLE[index] | lvt[index] & LVT_REMOTE_IRR;
        lvt[index] = (svr & SVR_ENABLE) == 0 ? entry | LVT_MASKED : entry;
        if ((entry & LVT_LEVEL) == 0) {
            lvt[index] &= ~LVT_REMOTE_IRR;
        }
        if (index == LVT_TIMER) {
            timer.mode(value >> 17 & 3);
        } else if ((entry & LVT_LEVEL) != 0 && (lint >> index - LVT_LINT0 & 1) != 0) {
            lintActive(index - LVT_LINT0);
        }
    }

    // ---- xAPIC ----

    @Override
    public long read(long offset, int size) {
        int number = (int) offset >> 4;
        int shift = (int) offset & 0xF;
        if (shift + size > 4 && !(shift == 0 && size == 8)) {
            return 0;
        }
        synchronized (this) {
            if (!X2ApicRegisters.existsInPage(number)) {
                error(ERROR_REGISTER);
                return 0;
            }
            return (readRegister(number) & 0xFFFF_FFFFL) >>> 8 * shift;
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        int number = (int) offset >> 4;
        if ((offset & 0xF) != 0 || size < 4) {
            return;
        }
        switch (number) {
            case 0x0B -> endOfInterrupt();
            case 0x30 -> {
                synchronized (this) {
                    icr = icr & 0xFFFF_FFFF_0000_0000L | value & ICR_WRITABLE;
                }
                sendIcr();
            }
            default -> writeInPage(number, (int) value);
        }
    }

    private synchronized void writeInPage(int number, int value) {
        if (X2ApicRegisters.existsInPage(number)) {
            writeRegister(number, value);
        } else {
            error(ERROR_REGISTER);
        }
    }

    // ---- MSRs ----

    /** @throws MsrFault the processor raises #GP(0) */
    public synchronized long readMsr(int msr) throws MsrFault {
        if (msr == IA32_APIC_BASE) {
            return apicBase;
        }
        if (msr == IA32_TSC_DEADLINE) {
            return timer.deadline();
        }
        int number = msr - X2APIC_FIRST;
        if (!isX2Apic() || !X2ApicRegisters.isReadable(number)) {
            throw new MsrFault(msr);
        }
        return number == 0x30 ? icr : readRegister(number) & 0xFFFF_FFFFL;
    }

    /** @throws MsrFault the processor raises #GP(0), and nothing has changed */
    public void writeMsr(int msr, long value) throws MsrFault {
        if (msr == IA32_APIC_BASE) {
            writeBase(value);
        } else if (msr == IA32_TSC_DEADLINE) {
            writeDeadline(value);
        } else if (!isX2Apic() || !X2ApicRegisters.isWritable(msr - X2APIC_FIRST, value)) {
            throw new MsrFault(msr);
        } else {
            writeX2(msr - X2APIC_FIRST, value);
        }
    }

    private synchronized void writeDeadline(long value) {
        if (timer.deadline(value)) {
            raise(LVT_TIMER);
        }
    }

    private void writeX2(int number, long value) {
        switch (number) {
            case 0x0B -> endOfInterrupt();
            case 0x30 -> {
                synchronized (this) {
                    icr = value;
                }
                sendIcr();
            }
            case 0x3F -> selfIpi((int) value);
            default -> writeRegister(number, (int) value);
        }
    }

    private synchronized void selfIpi(int vector) {
        if (vector < 16) {
            error(ERROR_SEND_VECTOR);
        } else {
            accept(new InterruptMessage(id, false, DeliveryMode.FIXED, vector, false));
        }
    }

    /** Modes and the ways between them: SDM volume 3, 11.12.5 and figure 11-27. */
    private synchronized void writeBase(long value) throws MsrFault {
        long from = apicBase & (BASE_EN | BASE_EXTD);
        long to = value & (BASE_EN | BASE_EXTD);
        boolean wrong = to == BASE_EXTD || from == 0 && to == (BASE_EN | BASE_EXTD) || from == (BASE_EN | BASE_EXTD) && to == BASE_EN;
        if ((value & BASE_RESERVED) != 0 || wrong) {
            throw new MsrFault(IA32_APIC_BASE);
        }
        apicBase = value;
        if (to == 0 && from != 0) {
            resetRegisters();
        } else if (to != from && to == (BASE_EN | BASE_EXTD)) {
            icr &= 0xFFFF_FFFFL;
        }
        settle();
    }

    // ---- state ----

    public synchronized State state() {
        return new State(apicBase, tpr, ldr, dfr, svr, isr.toArray(), tmr.toArray(), irr.toArray(), esr, errors, icr, lvt.clone(), lint, externalLatched, eoiDeferred, timer.state());
    }

    /** Sends nothing; the processor is told if an interrupt is pending. */
    public synchronized void restore(State state) {
        apicBase = state.apicBase;
        tpr = state.tpr;
        ldr = state.ldr;
        dfr = state.dfr;
        svr = state.svr;
        isr.set(state.isr);
        tmr.set(state.tmr);
        irr.set(state.irr);
        esr = state.esr;
        errors = state.errors;
        icr = state.icr;
        System.arraycopy(state.lvt, 0, lvt, 0, lvt.length);
        lint = state.lint;
        externalLatched = state.externalLatched;
        eoiDeferred = state.eoiDeferred;
        timer.restore(state.timer);
        settle();
    }
}
