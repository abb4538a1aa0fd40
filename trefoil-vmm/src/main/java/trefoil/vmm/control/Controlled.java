package trefoil.vmm.control;

import java.util.List;
import trefoil.linux.FileDescriptor;
import trefoil.vmm.agent.GuestCommand;

/** What a control socket controls. Thread-safe. */
public interface Controlled {
    /** Runs the machine with these taps behind its network cards, in order; whether it was waiting for that. The taps are the machine's from then on if so. */
    boolean boot(List<FileDescriptor> taps);

    /** Presses the power button. */
    void pressPowerButton();

    /** What it does. */
    MachineStatus status();

    /** Runs a command line in the guest; {@code null} when the guest's agent is not there. */
    GuestCommand execute(String line) throws InterruptedException;
}
