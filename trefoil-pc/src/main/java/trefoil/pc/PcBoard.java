package trefoil.pc;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import trefoil.machine.Bus;
import trefoil.machine.CharBackend;
import trefoil.machine.Clock;
import trefoil.machine.InterruptLine;
import trefoil.machine.MsiSink;
import trefoil.pc.boot.PcMemoryMap;
import trefoil.pc.interrupt.ApicBus;
import trefoil.pc.interrupt.IoApic;
import trefoil.pc.interrupt.LocalApic;
import trefoil.pc.interrupt.PicPair;
import trefoil.pc.interrupt.ProcessorSignals;
import trefoil.pc.interrupt.TimeStampCounter;
import trefoil.pc.interrupt.Wiring;
import trefoil.pc.power.A20Gate;
import trefoil.pc.power.AcpiPm;
import trefoil.pc.power.Port92;
import trefoil.pc.power.PowerListener;
import trefoil.pc.power.ResetControl;
import trefoil.pc.ps2.I8042;
import trefoil.pc.serial.Uart16550;
import trefoil.pc.timer.Hpet;
import trefoil.pc.timer.Pit8254;
import trefoil.pc.timer.PmTimer;
import trefoil.pc.timer.Rtc146818;
import trefoil.pc.timer.TimerRoute;
import trefoil.pci.ConfigSpace;
import trefoil.pci.HostBridge;
import trefoil.pci.LpcBridge;
import trefoil.pci.PciRoot;
import trefoil.pci.PirqRouter;
import trefoil.pci.ResourceAssignment;
import trefoil.pci.ShadowListener;
import trefoil.pci.WiredOr;

/**
 * The chips of the board, wired: IRQs to the 8259As and the I/O APIC (IRQ0 to its input 2), PIRQs to inputs 16 to 23, active low there, the 8259As' INT to LINT0 of all local APICs and to input 0.
 *
 * <p>PCI devices are added to {@link #pci} with a pin's line from {@link #pciLine}; then {@link #program} does what firmware would, for kernels that are booted without any.
 */
public final class PcBoard {
    /** What the board is put into. One element of {@code processors} and {@code counters} for each processor. */
    public record Surroundings(
            Bus bus,
            Clock clock,
            List<ProcessorSignals> processors,
            List<TimeStampCounter> counters,
            Frequency apicTimer,
            CharBackend com1,
            PowerListener power,
            ShadowListener shadow) {}

    /** All chips. */
    public record State(
            PicPair.State pic,
            IoApic.State ioApic,
            List<LocalApic.State> localApics,
            Pit8254.State pit,
            Rtc146818.State rtc,
            Hpet.State hpet,
            Uart16550.State com1,
            AcpiPm.State power,
            I8042.State keyboard,
            A20Gate.State a20,
            Port92.State port92,
            ResetControl.State reset,
            PciRoot.State pci,
            ConfigSpace.State hostBridge,
            ConfigSpace.State lpcBridge) {}

    private static final int POWER_BASE = 0x600;
    private static final int SCI = 9;
    private static final int PORTS_START = 0xC000;
    private static final int PORTS_LENGTH = 0x4000;
    /** What the PIRQs are routed to at the 8259As. */
    private static final int[] PCI_IRQS = {10, 11};

    private final Bus bus;
    private final ApicBus apicBus = new ApicBus();
    private final IoApic ioApic = new IoApic(apicBus);
    private final List<LocalApic> localApics = new ArrayList<>();
    private final PicPair pic;
    private final List<WiredOr> picInputs = new ArrayList<>();
    private final List<WiredOr> apicInputs = new ArrayList<>();
    private final Pit8254 pit;
    private final Rtc146818 rtc;
    private final Hpet hpet;
    private final Uart16550 com1;
    private final AcpiPm power;
    private final A20Gate gate;
    private final Port92 port92;
    private final I8042 keyboard;
    private final ResetControl reset;
    private final PirqRouter pirqs;
    private final PciRoot pci;
    private final HostBridge hostBridge;
    private final LpcBridge lpcBridge;
    private final State powerUp;

    public PcBoard(Surroundings around) {
        bus = around.bus();
        Clock clock = around.clock();
        for (int i = 0; i < around.processors().size(); i++) {
            localApics.add(new LocalApic(i, apicBus, around.processors().get(i), this::acknowledge, clock, around.apicTimer(), around.counters().get(i)));
        }
        pic = new PicPair(intr());
        for (int i = 0; i < 16; i++) {
            picInputs.add(new WiredOr(pic.input(i)));
        }
        for (int i = 0; i < PirqRouter.PIRQS; i++) {
            apicInputs.add(new WiredOr(ioApic.input(PirqRouter.FIRST_GSI + i, Wiring.ACTIVE_LOW)));
        }
        TimerRoute timers = new TimerRoute(isaLine(0), isaLine(8));
        pit = new Pit8254(clock, timers.pit());
        rtc = new Rtc146818(clock, timers.rtc());
        hpet = new Hpet(clock, timers, IntStream.range(Hpet.FIRST_ROUTE, Hpet.FIRST_ROUTE + 4).mapToObj(gsi -> apicInputs.get(gsi - PirqRouter.FIRST_GSI).source()).toList(), apicBus);
        com1 = new Uart16550(clock, isaLine(Uart16550.COM1_IRQ), around.com1());
        power = new AcpiPm(clock, isaLine(SCI), new PmTimer(clock, PmTimer.Width.BITS_24), around.power());
        gate = new A20Gate(around.power());
        port92 = new Port92(gate, around.power());
        keyboard = new I8042(gate, around.power());
        reset = new ResetControl(around.power());
        pirqs = new PirqRouter(apicInputs.stream().map(WiredOr::source).toList(), picInputs.stream().map(WiredOr::source).toList());
        pci = new PciRoot(reset);
        hostBridge = new HostBridge(pci, bus, around.shadow());
        Bus.Window powerPorts = bus.attach(power, 0, AcpiPm.PORTS);
        powerPorts.hide();
        lpcBridge = new LpcBridge(pci, pirqs, base -> place(powerPorts, base), base -> {});
        attach();
        powerUp = state();
    }

    private int acknowledge() {
        return pic.acknowledge();
    }

    private InterruptLine intr() {
        List<InterruptLine> ends = new ArrayList<>(localApics.stream().map(apic -> apic.lint(0)).toList());
        ends.add(ioApic.input(0, Wiring.ACTIVE_HIGH));
        return new FanOut(ends);
    }

    /** An interrupt of the ISA bus: one of the 8259As' inputs, and one of the I/O APIC's. */
    private InterruptLine isaLine(int irq) {
        return new FanOut(List.of(picInputs.get(irq).source(), ioApic.input(irq == 0 ? 2 : irq, Wiring.ACTIVE_HIGH)));
    }

    private static void place(Bus.Window window, long base) {
        if (base < 0) {
            window.hide();
        } else {
            window.move(base);
        }
    }

    private void attach() {
        pic.attach(bus);
        pit.attach(bus);
        rtc.attach(bus);
        keyboard.attach(bus);
        bus.attach(com1, Uart16550.COM1, Uart16550.PORTS);
        bus.attach(port92, Port92.PORT, 1);
        pci.attach(bus);
        ioApic.attach(bus);
        hpet.attach(bus);
    }

    /** What firmware does before a kernel starts: PMBASE, PIRQ routes, ECAM, base addresses. To be called when all devices are in their slots. */
    public void program(PcMemoryMap memory, long mmio64Length) {
        lpcBridge.program(POWER_BASE, PCI_IRQS);
        for (int irq : PCI_IRQS) {
            int elcr = bus.in(PicPair.ELCR1 + irq / 8, 1);
            bus.out(PicPair.ELCR1 + irq / 8, 1, elcr | 1 << irq % 8);
        }
        hostBridge.placeEcam(PcMemoryMap.ECAM);
        ResourceAssignment.Range ports = new ResourceAssignment.Range(PORTS_START, PORTS_LENGTH);
        ResourceAssignment.Range memory32 = new ResourceAssignment.Range(PcMemoryMap.MMIO32, PcMemoryMap.MMIO32_END - PcMemoryMap.MMIO32);
        new ResourceAssignment(ports, memory32, new ResourceAssignment.Range(memory.mmio64(), mmio64Length)).assign(pci, lpcBridge);
    }

    public PciRoot pci() {
        return pci;
    }

    /** A line for pin 1 to 4 (INTA# to INTD#) of a slot. */
    public InterruptLine pciLine(int slot, int pin) {
        return pirqs.line(slot, pin);
    }

    /** Where devices send their messages. */
    public MsiSink messages() {
        return apicBus;
    }

    /** In the order of the processors. */
    public List<LocalApic> localApics() {
        return List.copyOf(localApics);
    }

    public AcpiPm power() {
        return power;
    }

    public A20Gate a20() {
        return gate;
    }

    public Rtc146818 rtc() {
        return rtc;
    }

    /**
     * Resets all chips and configuration spaces, but not what lies behind the configuration spaces of devices; time and memory of the real-time clock stay. Afterwards {@link #program} is due again.
     */
    public void reset() {
        pci.seats().forEach(seat -> seat.config().reset());
        pci.restore(powerUp.pci);
        reset.restore(powerUp.reset);
        gate.restore(powerUp.a20);
        port92.restore(powerUp.port92);
        keyboard.restore(powerUp.keyboard);
        power.reset();
        com1.restore(powerUp.com1);
        hpet.reset();
        rtc.reset();
        pit.restore(powerUp.pit);
        pic.restore(powerUp.pic);
        ioApic.reset();
        localApics.forEach(LocalApic::reset);
    }

    public State state() {
        return new State(
                pic.state(),
                ioApic.state(),
                localApics.stream().map(LocalApic::state).toList(),
                pit.state(),
                rtc.state(),
                hpet.state(),
                com1.state(),
                power.state(),
                keyboard.state(),
                gate.state(),
                port92.state(),
                reset.state(),
                pci.state(),
                hostBridge.config().state(),
                lpcBridge.config().state());
    }

    /** Windows first, then devices, which drive their lines, then the controllers, whose states say what came of that. */
    public void restore(State state) {
        pci.restore(state.pci);
        hostBridge.config().restore(state.hostBridge);
        lpcBridge.config().restore(state.lpcBridge);
        reset.restore(state.reset);
        gate.restore(state.a20);
        port92.restore(state.port92);
        keyboard.restore(state.keyboard);
        power.restore(state.power);
        com1.restore(state.com1);
        hpet.restore(state.hpet);
        rtc.restore(state.rtc);
        pit.restore(state.pit);
        pic.restore(state.pic);
        ioApic.restore(state.ioApic);
        for (int i = 0; i < localApics.size(); i++) {
            localApics.get(i).restore(state.localApics.get(i));
        }
    }
}
