package trefoil.conformance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import trefoil.x86.state.Activity;
import trefoil.x86.state.CpuState;
import trefoil.x86.state.SegmentState;
import trefoil.x86.state.TableState;

/** The mode in which a program begins, always at {@link Rig#CODE} and at CPL 0 with interrupts off. Its first instruction finds general registers of zero but for the stack pointer. */
public enum Start {
    /** Real mode: segments of 0, the vector table at 0. */
    REAL16(16, 0x10, 0, 0, 0),
    /** Protected mode, flat, without paging. */
    PROTECTED32(32, 0x31, 0x600, 0, 0xC09B),
    /** 64-bit mode, the first GiB mapped to itself by pages of 2 MiB that users may reach. */
    LONG64(64, 0x8001_0031L, 0x620, 0xD01, 0xA09B);

    private final int bits;
    private final long cr0;
    private final long cr4;
    private final long efer;
    private final int codeAttributes;

    Start(int bits, long cr0, long cr4, long efer, int codeAttributes) {
        this.bits = bits;
        this.cr0 = cr0;
        this.cr4 = cr4;
        this.efer = efer;
        this.codeAttributes = codeAttributes;
    }

    /** 16, 32 or 64. */
    public int bits() {
        return bits;
    }

    /** The state of a processor that has just been made, changed to this. */
    CpuState state(CpuState fresh) {
        List<Long> general = new ArrayList<>(Collections.nCopies(16, 0L));
        general.set(4, Rig.STACK);
        TableState gdt = new TableState(Rig.GDT, Rig.GDT_LIMIT);
        TableState idt = this == REAL16 ? new TableState(0, 0x3FF) : new TableState(Rig.IDT, 0xFFF);
        return new CpuState(
                general, Rig.CODE, 2, segments(), gdt, idt, cr0, 0, this == LONG64 ? Rig.TABLES : 0, cr4, efer, 1, fresh.debug(), fresh.xsave(), Map.of(), Activity.RUNNING, false, false);
    }

    private List<SegmentState> segments() {
        SegmentState data = this == REAL16 ? SegmentState.REAL_DATA : new SegmentState(0x10, 0, -1, 0xC093);
        SegmentState code = this == REAL16 ? new SegmentState(0, 0, 0xFFFF, 0x9B) : new SegmentState(8, 0, -1, codeAttributes);
        SegmentState none = new SegmentState(0, 0, 0xFFFF, 0x82);
        SegmentState task = this == REAL16 ? new SegmentState(0, 0, 0xFFFF, 0x8B) : new SegmentState(0x30, Rig.TASK, 0x67, 0x8B);
        return List.of(data, code, data, data, data, data, none, task);
    }
}
