package trefoil.softcpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.machine.PortIo;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.Rflags;

/** Ports: one element, strings, what may reach them, and what stops a string in between. */
class InputOutputTest {
    private static final long TASK = 0x5000;
    private static final String REP_INSB = "f36c";
    private static final String REP_OUTSW = "66f36f";

    private final Bench bench = new Bench();
    private final Cpu cpu = bench.cpu;
    private final List<String> log = new ArrayList<>();
    /** What happens after each access. */
    private Runnable after = () -> {};

    private int next = 0x1111_1111;

    @BeforeEach
    void attach() {
        bench.lab.bus.attach(
                new PortIo() {
                    @Override
                    public int read(int offset, int size) {
                        log.add("in " + Integer.toHexString(offset) + " " + size);
                        int value = next;
                        next += 0x1111_1111;
                        after.run();
                        return value;
                    }

                    @Override
                    public void write(int offset, int size, int value) {
                        log.add("out " + Integer.toHexString(offset) + " " + size + " " + Integer.toHexString(value));
                        after.run();
                    }
                },
                0,
                0x1_0000);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void port(int port) {
        cpu.general(2, 0xABCD_0000L | port);
    }

    @Test
    void oneElement() {
        bench.long64();
        bench.execute("e460", -1);
        assertThat(bench.rax()).isEqualTo(-1L << 8 | 0x11);
        bench.execute("66e5f0", -1);
        assertThat(bench.rax()).isEqualTo(-1L << 16 | 0x2222);
        bench.execute("48e580", -1);
        assertThat(bench.rax()).isEqualTo(0x3333_3333L);
        port(0xCF8);
        bench.execute("ed", 0);
        bench.execute("ec", 0);
        bench.execute("ef", 0x8765_4321L);
        bench.execute("66ef");
        bench.execute("ee");
        bench.execute("e680");
        assertThat(log).containsExactly("in 60 1", "in f0 2", "in 80 4", "in cf8 4", "in cf8 1", "out cf8 4 87654321", "out cf8 2 4321", "out cf8 1 21", "out 80 1 21");
    }

    // ---- strings ----

    private void string(long count, long index) {
        port(0x1F0);
        cpu.general(1, count);
        cpu.general(6, index);
        cpu.general(7, index);
        cpu.rip = 0x100;
        cpu.attention.set(0);
    }

    @Test
    void insStoresAndOutsLoads() throws Exception {
        bench.long64();
        bench.lab.memory.putLong(0x2000, 0);
        string(3, 0x2000);
        bench.execute(REP_INSB);
        assertThat(bench.lab.memory.getLong(0x2000)).isEqualTo(0x33_2211L);
        assertThat(cpu.general(1)).isZero();
        assertThat(cpu.general(7)).isEqualTo(0x2003);
        assertThat(cpu.rip).isEqualTo(0x102);
        string(2, 0x2000);
        cpu.systemFlags |= Rflags.DF;
        cpu.general(6, 0x2002);
        bench.execute(REP_OUTSW);
        assertThat(cpu.general(6)).isEqualTo(0x1FFE);
        assertThat(log.subList(3, 5)).containsExactly("out 1f0 2 33", "out 1f0 2 2211");
    }

    @Test
    void withoutRepeatThereIsOneElementWhateverTheCount() {
        bench.long64();
        string(0, 0x2000);
        bench.execute("6d");
        assertThat(cpu.general(7)).isEqualTo(0x2004);
        assertThat(cpu.general(1)).isZero();
        bench.execute("486f");
        assertThat(log).containsExactly("in 1f0 4", "out 1f0 4 11111111");
        string(0, 0x2000);
        bench.execute(REP_INSB);
        assertThat(log).hasSize(2);
        assertThat(cpu.general(7)).isEqualTo(0x2000);
    }

    @Test
    void registersAreCutToTheAddressSize() {
        bench.long64();
        string(0xFFFF_FFFF_0000_0002L, 0x7777_0000_0000_2000L);
        bench.execute("67f36c");
        assertThat(cpu.general(1)).isZero();
        assertThat(cpu.general(7)).isEqualTo(0x2002);
        bench.protected32();
        string(0x1_0002, 0x1_FFFF);
        cpu.segment(Cpu.ES, 16, 0x3000, 0xFFFF_FFFFL, 0xC093);
        bench.execute("67f36c");
        assertThat(cpu.general(1)).isEqualTo(0x1_0000);
        assertThat(cpu.general(7)).isEqualTo(0x1_0001); // DI wraps around
    }

    @Test
    void segmentOverridesMoveTheSourceAlone() throws Exception {
        bench.protected32();
        bench.lab.memory.putLong(0x9000, 0x42);
        cpu.segment(Cpu.FS, 16, 0x8000, 0xFFFF_FFFFL, 0xC093);
        string(1, 0x1000);
        bench.execute("646e");
        assertThat(log).containsExactly("out 1f0 1 42");
        bench.execute("646c");
        assertThat(bench.lab.memory.getLong(0x1000) & 0xFF).isEqualTo(0x11);
    }

    @Test
    void somethingDueEndsAStringAfterTheElement() {
        bench.long64();
        string(5, 0x2000);
        after = () -> {
            if (log.size() == 2) {
                cpu.attend(Cpu.INTERRUPT);
            }
        };
        bench.execute(REP_INSB);
        assertThat(cpu.rip).isEqualTo(0x100);
        assertThat(cpu.general(1)).isEqualTo(3);
        assertThat(cpu.general(7)).isEqualTo(0x2002);
        cpu.attention.set(0);
        bench.execute(REP_INSB);
        assertThat(cpu.rip).isEqualTo(0x102);
        assertThat(log).hasSize(5);
    }

    @Test
    void theLastElementEndsTheStringWhateverIsDue() {
        bench.long64();
        string(1, 0x2000);
        cpu.attend(Cpu.INTERRUPT);
        bench.execute(REP_INSB);
        assertThat(cpu.rip).isEqualTo(0x102);
        string(2, 0x2000);
        cpu.systemFlags |= Rflags.TF;
        bench.execute(REP_INSB);
        assertThat(cpu.rip).isEqualTo(0x100);
        assertThat(cpu.general(1)).isEqualTo(1);
    }

    @Test
    void aFaultKeepsWhatWasDoneAndReadsNoPortInVain() {
        bench.long64();
        string(4, 0x3FFF_FFFE); // the next page is not mapped, the place itself is beyond memory
        Fault fault = bench.lab.faultOf(REP_INSB);
        assertThat(fault.vector()).isEqualTo(Vector.PF);
        assertThat(cpu.cr2).isEqualTo(0x4000_0000);
        assertThat(cpu.general(1)).isEqualTo(2);
        assertThat(cpu.general(7)).isEqualTo(0x4000_0000);
        assertThat(cpu.rip).isEqualTo(0x100);
        assertThat(log).hasSize(2);
    }

    // ---- permission ----

    private void bitmap(int offset, int limit) throws Exception {
        cpu.segment(Cpu.TR, 0x28, TASK, limit, 0x8B);
        bench.lab.memory.putLong(TASK + 96, (long) offset << 48);
        for (int at = 0; at < 0x2008; at += 8) {
            bench.lab.memory.putLong(TASK + 104 + at, -1);
        }
    }

    private void allow(int port) throws Exception {
        byte[] octet = new byte[1];
        long at = TASK + 104 + port / 8;
        bench.lab.memory.read(at, octet, 0, 1);
        octet[0] &= (byte) ~(1 << port % 8);
        bench.lab.memory.write(at, octet, 0, 1);
    }

    @ParameterizedTest
    @CsvSource({"0,0,true", "1,0,false", "1,1,true", "2,1,false", "3,2,false", "3,3,true"})
    void byLevel(int cpl, int iopl, boolean allowed) throws Exception {
        for (Bench mode : new Bench[] {bench.long64(), bench.protected32()}) {
            mode.level(cpl, iopl);
            bitmap(104, 0x2068);
            for (String hex : new String[] {"e460", "e661", "ed", "6c", "6f"}) {
                string(1, 0x2000);
                if (allowed) {
                    mode.execute(hex);
                } else {
                    mode.faults(hex, Vector.GP);
                }
            }
        }
    }

    @Test
    void byBitmap() throws Exception {
        bench.long64().level(3, 0);
        bitmap(104, 0x2068);
        allow(0x80);
        bench.execute("e480");
        bench.faults("66e580", Vector.GP);
        bench.faults("e481", Vector.GP);
        allow(0x81);
        bench.execute("66e580");
        bench.faults("e580", Vector.GP);
        for (int port : new int[] {0xCFF, 0xD00, 0xD01, 0xD02}) {
            allow(port);
        }
        port(0xCFF); // over an octet of the map
        bench.execute("ed");
        port(0xD00);
        bench.faults("ed", Vector.GP);
    }

    @Test
    void bitmapOfVirtual8086WhateverIopl() throws Exception {
        bench.virtual8086(3);
        bitmap(104, 0x2068);
        bench.faults("e460", Vector.GP);
        allow(0x60);
        bench.execute("e460");
        assertThat(log).containsExactly("in 60 1");
    }

    @Test
    void bitmapEndsWithTheLimit() throws Exception {
        bench.long64().level(3, 0);
        bitmap(104, 104 + 16 + 1);
        allow(0x80);
        allow(0x88);
        bench.execute("e480");
        bench.faults("e488", Vector.GP);
        cpu.limit[Cpu.TR] = 104 + 16;
        bench.faults("e480", Vector.GP); // two octets are read always
        bitmap(0xFFFF, 0x2068);
        bench.faults("e480", Vector.GP);
        bitmap(104, 102);
        bench.faults("e480", Vector.GP);
        bitmap(104, 0x2068);
        allow(0x80);
        cpu.segment(Cpu.TR, 0x28, TASK, 0x2068, 0x83); // a task state of 16 bits has no map
        bench.faults("e480", Vector.GP);
    }

    @Test
    void lastPortNeedsTheOctetAfterTheMap() throws Exception {
        bench.long64().level(3, 0);
        bitmap(104, 104 + 0x2000);
        allow(0xFFFF);
        port(0xFFFF);
        bench.execute("ec");
        bench.faults("66ed", Vector.GP); // the octet after the map is all ones
        cpu.limit[Cpu.TR] = 104 + 0x1FFF;
        bench.faults("ec", Vector.GP);
    }

    // ---- breakpoints ----

    @Test
    void breakpointsOnPorts() {
        bench.long64();
        cpu.dr[1] = 0x62;
        cpu.dr[7] = 0x0060_0004L; // breakpoint 1: I/O, 2 octets
        bench.execute("e463");
        assertThat(cpu.pendingDebug).isZero();
        bench.cr4(ControlRegisters.CR4_DE);
        bench.execute("e464");
        bench.execute("e461");
        assertThat(cpu.pendingDebug).isZero();
        cpu.attention.set(0);
        bench.execute("e463");
        assertThat(cpu.pendingDebug).isEqualTo(2);
        assertThat(cpu.attention.get()).isEqualTo(Cpu.SELF);
        cpu.pendingDebug = 0;
        bench.execute("e560"); // touches 62 and 63
        assertThat(cpu.pendingDebug).isEqualTo(2);
        cpu.pendingDebug = 0;
        string(3, 0x2000);
        port(0x62);
        bench.execute("f36e");
        assertThat(cpu.general(1)).isEqualTo(2);
        assertThat(cpu.rip).isEqualTo(0x100);
    }

    @Test
    void realModeIsFree() {
        cpu.systemFlags &= ~Rflags.IOPL;
        bench.execute("e460");
        assertThat(log).hasSize(1);
    }
}
