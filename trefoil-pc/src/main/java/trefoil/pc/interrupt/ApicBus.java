package trefoil.pc.interrupt;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import trefoil.machine.Msi;
import trefoil.machine.MsiSink;

/**
 * Where messages meet: from devices, the I/O APIC and local APICs to the local APICs that are meant (Intel SDM volume 3, 11.6.2). Thread-safe; holds no lock while it calls.
 *
 * <p>Deviations: lowest-priority delivery takes the local APIC with the lowest processor priority, of several the one with the lowest id; there is no focus processor.
 */
public final class ApicBus implements MsiSink {
    private static final long MSI_ADDRESS = 0xFEE0_0000L;
    private static final long MSI_OFFSETS = 0xF_FFFF;

    private final List<LocalApic> locals = new CopyOnWriteArrayList<>();
    private volatile IoApic io;

    void join(LocalApic local) {
        locals.add(local);
    }

    void join(IoApic joining) {
        io = joining;
    }

    /** Local APICs, in the order of their being made. */
    public List<LocalApic> locals() {
        return locals;
    }

    @Override
    public void send(Msi message) {
        if ((message.address() & ~MSI_OFFSETS) == MSI_ADDRESS) {
            send(InterruptMessage.of(message));
        }
    }

    /** Whether any local APIC has taken it. */
    boolean send(InterruptMessage message) {
        if (message.mode() == DeliveryMode.LOWEST_PRIORITY) {
            return sendToLowest(message);
        }
        boolean accepted = false;
        for (LocalApic local : locals) {
            if (local.isMeant(message)) {
                accepted |= local.accept(message);
            }
        }
        return accepted;
    }

    private boolean sendToLowest(InterruptMessage message) {
        LocalApic chosen = null;
        int lowest = Integer.MAX_VALUE;
        for (LocalApic local : locals) {
            int priority = local.isMeant(message) ? local.arbitrationPriority() : Integer.MAX_VALUE;
            if (priority < lowest) {
                lowest = priority;
                chosen = local;
            }
        }
        return chosen != null && chosen.accept(message);
    }

    /** To all local APICs but one. */
    void sendToOthers(LocalApic self, InterruptMessage message) {
        for (LocalApic local : locals) {
            if (local != self) {
                local.accept(message);
            }
        }
    }

    /** The end of a level-triggered interrupt. */
    void broadcastEoi(int vector) {
        IoApic told = io;
        if (told != null) {
            told.endOfInterrupt(vector);
        }
    }
}
