package trefoil.vmm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.pc.boot.EntryState;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.FloatingPointControl;
import trefoil.x86.register.Rflags;
import trefoil.x86.state.Activity;
import trefoil.x86.state.CpuState;
import trefoil.x86.state.SegmentState;
import trefoil.x86.state.TableState;

/** The processor's state in which a loaded kernel is entered. */
final class Entry {
    private static final int RBX = 3;
    private static final int RSP = 4;
    private static final int RSI = 6;

    private Entry() {}

    static CpuState of(EntryState entry, GuestMemory memory) {
        List<Long> general = new ArrayList<>(Collections.nCopies(16, 0L));
        general.set(RBX, entry.rbx());
        general.set(RSP, entry.rsp());
        general.set(RSI, entry.rsi());
        SegmentState data = segment(entry, memory, entry.dataSelector());
        List<SegmentState> segments = List.of(
                data, segment(entry, memory, entry.codeSelector()), data, data, data, data, new SegmentState(0, 0, 0xFFFF, 0x82), segment(entry, memory, entry.taskSelector()));
        return new CpuState(
                general,
                entry.rip(),
                Rflags.RESET,
                segments,
                new TableState(entry.gdt(), entry.gdtLimit()),
                new TableState(0, 0xFFFF),
                entry.cr0(),
                0,
                entry.cr3(),
                entry.cr4(),
                entry.efer(),
                ControlRegisters.XCR0_X87,
                List.of(0L, 0L, 0L, 0L, DebugRegisters.DR6_ONES, DebugRegisters.DR7_ONES),
                floatingPoint(),
                Map.of(),
                Activity.RUNNING,
                false,
                false);
    }

    private static SegmentState segment(EntryState entry, GuestMemory memory, int selector) {
        try {
            return SegmentState.of(selector, memory.getLong(entry.gdt() + selector));
        } catch (GuestMemoryFault e) {
            throw new IllegalStateException("the descriptor table has no place in memory", e);
        }
    }

    /** XSAVE image (Intel SDM Vol. 1, 13.4): control word and MXCSR as after reset, nothing else in use. */
    private static byte[] floatingPoint() {
        byte[] image = new byte[CpuState.XSAVE_SIZE];
        image[0] = (byte) FloatingPointControl.FCW_INIT;
        image[1] = (byte) (FloatingPointControl.FCW_INIT >> 8);
        image[24] = (byte) FloatingPointControl.MXCSR_RESET;
        image[25] = (byte) (FloatingPointControl.MXCSR_RESET >> 8);
        image[512] = 3;
        return image;
    }
}
