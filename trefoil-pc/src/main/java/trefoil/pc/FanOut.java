package trefoil.pc;

import java.util.List;
import trefoil.machine.InterruptLine;

/** A line that ends at several places. */
record FanOut(List<InterruptLine> ends) implements InterruptLine {
    FanOut {
        ends = List.copyOf(ends);
    }

    @Override
    public void raise() {
        ends.forEach(InterruptLine::raise);
    }

    @Override
    public void lower() {
        ends.forEach(InterruptLine::lower);
    }
}
