package trefoil.softcpu.x87;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Access;
import trefoil.softcpu.mmu.Mmu;
import trefoil.softcpu.operand.Family;
import trefoil.softcpu.operand.Operands;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.decode.Instruction;
import trefoil.x86.exception.Vector;
import trefoil.x86.isa.Operation;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.FloatingPointControl;

/**
 * FXSAVE, FXRSTOR and the XSAVE instructions (Intel SDM Vol. 1, 10.5 and chapter 13) with the components x87, SSE and AVX. There are no supervisor components: IA32_XSS is 0, so that XSAVES saves what XSAVEC does. With
 * no component beyond AVX, the compacted form has all in the places of the standard one (13.4.3).
 *
 * <p>The whole area is probed before the first store. XSAVEOPT, XSAVEC and XSAVES leave out what is in its initial configuration, but write again what was not modified.
 */
public final class SavedState implements Family {
    private static final Set<Operation> OPERATIONS = EnumSet.of(
            Operation.FXSAVE, Operation.FXRSTOR, Operation.XSAVE, Operation.XSAVEC, Operation.XSAVEOPT, Operation.XSAVES, Operation.XRSTOR, Operation.XRSTORS);
    private static final int FXSAVE_SIZE = 512;
    private static final long COMPACTED = 1L << 63;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Operands operands;
    private final CpuidPolicy cpuid;
    private final StateImage image;

    public SavedState(Cpu cpu, Mmu mmu, Operands operands, CpuidPolicy cpuid) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.operands = operands;
        this.cpuid = cpuid;
        this.image = new StateImage(cpu);
    }

    @Override
    public Set<Operation> operations() {
        return OPERATIONS;
    }

    @Override
    public void execute(Instruction i) {
        switch (i.operation()) {
            case FXSAVE -> fxsave(i);
            case FXRSTOR -> fxrstor(i);
            case XSAVE -> xsave(i, false);
            case XSAVEOPT -> {
                require(CpuFeature.XSAVEOPT);
                xsave(i, true);
            }
            case XSAVEC -> {
                require(CpuFeature.XSAVEC);
                xsavec(i);
            }
            case XSAVES -> {
                requireSupervisor();
                xsavec(i);
            }
            case XRSTOR -> xrstor(i, false);
            case XRSTORS -> {
                requireSupervisor();
                xrstor(i, true);
            }
            default -> throw new IllegalStateException(i.operation().name());
        }
    }

    // ---- the whole state, without guest memory ----

    /** x87, SSE and AVX as {@link trefoil.x86.state.CpuState#xsave} has them; pointers of the x87 in the form that the mode has. */
    public byte[] save() {
        Arrays.fill(image.octets, (byte) 0);
        image.packX87(cpu.mode == Mode.LONG_64);
        image.packMxcsr();
        image.packVectors(StateImage.XMM, Block.XMM, 16);
        image.packVectors(StateImage.YMM_HIGH, Block.YMM_HIGH, 16);
        image.putLong(StateImage.HEADER, image.inUse(StateImage.X87 | StateImage.SSE | StateImage.AVX, 16));
        return image.octets.clone();
    }

    /**
     * Takes a state that {@link #save} gave. The processor's mode must be that of the state already.
     *
     * @throws IllegalArgumentException if it is none, or has something that this processor has not; nothing has changed then
     */
    public void restore(byte[] state) {
        if (state.length != StateImage.SIZE) {
            throw new IllegalArgumentException("a state of " + state.length + " octets");
        }
        System.arraycopy(state, 0, image.octets, 0, state.length);
        long components = image.getLong(StateImage.HEADER);
        long all = StateImage.X87 | StateImage.SSE | StateImage.AVX;
        if ((components & ~all) != 0 || image.getLong(StateImage.HEADER + 8) != 0 || !image.isMxcsrValid()) {
            throw new IllegalArgumentException("components " + Long.toHexString(components) + ", MXCSR " + Integer.toHexString(image.getInt(StateImage.MXCSR)));
        }
        commit(all, components, cpu.mode == Mode.LONG_64, 16);
        image.unpackMxcsr();
    }

    // ---- FXSAVE and FXRSTOR ----

    private void fxsave(Instruction i) {
        long area = legacyArea(i, Access.WRITE);
        mmu.probeWrite(area, FXSAVE_SIZE);
        int count = image.vectors();
        image.packX87(i.w());
        image.packMxcsr();
        image.packVectors(StateImage.XMM, Block.XMM, count);
        store(area, 0, StateImage.XMM + 16 * count);
    }

    private void fxrstor(Instruction i) {
        long area = legacyArea(i, Access.READ);
        mmu.probeRead(area, FXSAVE_SIZE);
        int count = image.vectors();
        load(area, 0, StateImage.XMM + 16 * count);
        checkMxcsr();
        image.unpackX87(i.w());
        image.unpackMxcsr();
        image.unpackVectors(StateImage.XMM, Block.XMM, count);
    }

    private long legacyArea(Instruction i, Access access) {
        if ((cpu.cr0 & (ControlRegisters.CR0_EM | ControlRegisters.CR0_TS)) != 0) {
            throw cpu.fault(Vector.NM, 0);
        }
        return aligned(operands.linear(i, FXSAVE_SIZE, access), 16);
    }

    // ---- XSAVE, XSAVEOPT: the standard form ----

    /** @param optimized components in their initial configuration are not stored */
    private void xsave(Instruction i, boolean optimized) {
        long requested = requested();
        long area = area(i, requested, Access.WRITE);
        mmu.probeWrite(area, size(requested));
        long before = mmu.load64(area + StateImage.HEADER);
        long inUse = image.inUse(requested, image.vectors());
        storeComponents(area, optimized ? requested & inUse : requested, i.w());
        if ((requested & (StateImage.SSE | StateImage.AVX)) != 0) {
            storeMxcsr(area);
        }
        mmu.store64(area + StateImage.HEADER, before & ~requested | inUse);
    }

    // ---- XSAVEC, XSAVES: the compacted form ----

    private void xsavec(Instruction i) {
        long requested = requested();
        long area = area(i, requested, Access.WRITE);
        mmu.probeWrite(area, size(requested));
        long saved = image.inUse(requested, image.vectors());
        if (cpu.mxcsr != FloatingPointControl.MXCSR_RESET) {
            saved |= requested & StateImage.SSE;
        }
        storeComponents(area, saved, i.w());
        if ((saved & StateImage.SSE) != 0) {
            storeMxcsr(area);
        }
        mmu.store64(area + StateImage.HEADER, saved);
        mmu.store64(area + StateImage.HEADER + 8, requested | COMPACTED);
    }

    private void storeComponents(long area, long components, boolean wide) {
        int octets = 16 * image.vectors();
        if ((components & StateImage.X87) != 0) {
            image.packX87(wide);
            store(area, 0, StateImage.MXCSR);
            store(area, StateImage.REGISTERS, StateImage.XMM);
        }
        if ((components & StateImage.SSE) != 0) {
            image.packVectors(StateImage.XMM, Block.XMM, image.vectors());
            store(area, StateImage.XMM, StateImage.XMM + octets);
        }
        if ((components & StateImage.AVX) != 0) {
            image.packVectors(StateImage.YMM_HIGH, Block.YMM_HIGH, image.vectors());
            store(area, StateImage.YMM_HIGH, StateImage.YMM_HIGH + octets);
        }
    }

    private void storeMxcsr(long area) {
        image.packMxcsr();
        store(area, StateImage.MXCSR, StateImage.REGISTERS);
    }

    // ---- XRSTOR, XRSTORS (13.8, 13.12) ----

    private void xrstor(Instruction i, boolean compactedOnly) {
        long requested = requested();
        long area = area(i, 0, Access.READ);
        load(area, 0, StateImage.YMM_HIGH);
        boolean compacted = checkHeader(compactedOnly);
        long present = image.getLong(StateImage.HEADER);
        if ((requested & present & StateImage.AVX) != 0) {
            load(operands.linear(i, StateImage.SIZE, Access.READ), StateImage.YMM_HIGH, StateImage.SIZE);
        }
        boolean mxcsr = compacted ? (requested & present & StateImage.SSE) != 0 : (requested & (StateImage.SSE | StateImage.AVX)) != 0;
        if (mxcsr) {
            checkMxcsr();
            image.unpackMxcsr();
        } else if ((requested & StateImage.SSE) != 0) {
            cpu.mxcsr = FloatingPointControl.MXCSR_RESET;
        }
        commit(requested, present, i.w(), image.vectors());
    }

    /** Whether the form is compacted. Whatever is wrong with the header is #GP(0). */
    private boolean checkHeader(boolean compactedOnly) {
        long present = image.getLong(StateImage.HEADER);
        long layout = image.getLong(StateImage.HEADER + 8);
        boolean compacted = layout < 0 && cpuid.has(CpuFeature.XSAVEC);
        long reserved = image.getLong(StateImage.HEADER + 16);
        boolean bad;
        if (compacted) {
            for (int at = 24; at < 64; at += 8) {
                reserved |= image.getLong(StateImage.HEADER + at);
            }
            bad = (layout & ~COMPACTED & ~cpu.xcr0 | present & ~layout | present & COMPACTED | reserved) != 0;
        } else {
            bad = compactedOnly || (present & ~cpu.xcr0 | layout | reserved) != 0;
        }
        if (bad) {
            throw cpu.gp();
        }
        return compacted;
    }

    /** Loads what is present, and brings the rest of what is requested to its initial configuration. */
    private void commit(long requested, long present, boolean wide, int count) {
        if ((requested & present & StateImage.X87) != 0) {
            image.unpackX87(wide);
        } else if ((requested & StateImage.X87) != 0) {
            image.initializeX87();
        }
        vectors(requested, present, StateImage.SSE, StateImage.XMM, Block.XMM, count);
        vectors(requested, present, StateImage.AVX, StateImage.YMM_HIGH, Block.YMM_HIGH, count);
    }

    private void vectors(long requested, long present, int component, int at, int to, int count) {
        if ((requested & present & component) != 0) {
            image.unpackVectors(at, to, count);
        } else if ((requested & component) != 0) {
            image.initializeVectors(to, count);
        }
    }

    // ---- checks ----

    /** RFBM: what XCR0 and EDX:EAX ask for. */
    private long requested() {
        return cpu.xcr0 & (cpu.read(Block.RDX, 4) << 32 | cpu.read(Block.RAX, 4));
    }

    private long area(Instruction i, long requested, Access access) {
        if (!cpuid.has(CpuFeature.XSAVE) || (cpu.cr4 & ControlRegisters.CR4_OSXSAVE) == 0) {
            throw cpu.ud();
        }
        if ((cpu.cr0 & ControlRegisters.CR0_TS) != 0) {
            throw cpu.fault(Vector.NM, 0);
        }
        return aligned(operands.linear(i, size(requested), access), 64);
    }

    private static int size(long components) {
        return (components & StateImage.AVX) != 0 ? StateImage.SIZE : StateImage.YMM_HIGH;
    }

    private long aligned(long area, int octets) {
        if ((area & octets - 1) != 0) {
            throw cpu.gp();
        }
        return area;
    }

    private void require(CpuFeature feature) {
        if (!cpuid.has(feature)) {
            throw cpu.ud();
        }
    }

    /** XSAVES and XRSTORS: #UD goes before #GP(0). */
    private void requireSupervisor() {
        if (!cpuid.has(CpuFeature.XSAVES) || (cpu.cr4 & ControlRegisters.CR4_OSXSAVE) == 0) {
            throw cpu.ud();
        }
        if (cpu.cpl != 0) {
            throw cpu.gp();
        }
    }

    private void checkMxcsr() {
        if (!image.isMxcsrValid()) {
            throw cpu.gp();
        }
    }

    private void store(long area, int from, int to) {
        for (int at = from; at < to; at += 8) {
            mmu.store64(area + at, image.getLong(at));
        }
    }

    private void load(long area, int from, int to) {
        for (int at = from; at < to; at += 8) {
            image.putLong(at, mmu.load64(area + at));
        }
    }
}
