package trefoil.container;

import java.util.ArrayList;
import java.util.List;
import trefoil.linux.program.Operation;

/** A start in words: the child's steps are those of the very program that would run. */
final class Explanation {
    private Explanation() {}

    static List<Step> of(ContainerSpec spec) {
        List<Step> steps = new ArrayList<>();
        KernelInterfaces hidden = KernelInterfaces.all();
        List<StartProgram.Place> places = Launch.places(hidden, List.of());
        StartProgram.Plan plan = Launch.plan(spec, hidden, 1, Keeper.descriptor(3), places);
        StartProgram.Laid laid = StartProgram.of(plan);
        for (Operation operation : laid.image().operations()) {
            if (operation.call().isSystemCall()) {
                steps.add(new Step("child", operation.text(), operation.purpose()));
            }
        }
        return steps;
    }
}
