package trefoil.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A module requires only modules of a lower layer (see ARCHITECTURE.md). */
class LayersTest {
    /** Layer of each module. A new module is entered here. */
    private static final Map<String, Integer> LAYER = Map.ofEntries(
            Map.entry("trefoil.linux", 0),
            Map.entry("trefoil.machine", 0),
            Map.entry("trefoil.x86", 0),
            Map.entry("trefoil.engine", 1),
            Map.entry("trefoil.conformance", 2),
            Map.entry("trefoil.softcpu", 2),
            Map.entry("trefoil.api", 0),
            Map.entry("trefoil.disk", 1),
            Map.entry("trefoil.image", 1),
            Map.entry("trefoil.network", 1),
            Map.entry("trefoil.container", 1),
            Map.entry("trefoil.client", 1),
            Map.entry("trefoil.pci", 1),
            Map.entry("trefoil.virtio", 2),
            Map.entry("trefoil.pc", 2),
            Map.entry("trefoil.cli", 2),
            Map.entry("trefoil.demo", 2),
            Map.entry("trefoil.benchmarks", 4),
            Map.entry("trefoil.vmm", 3),
            Map.entry("trefoil.daemon", 4));

    @Test
    void everyModuleIsFound() {
        List<String> expected = Rooms.directories().stream()
                .filter(room -> java.nio.file.Files.exists(room.resolve("src/main/java/module-info.java")))
                .map(room -> room.getFileName().toString().replaceFirst("trefoil-", "trefoil."))
                .toList();
        assertThat(Rooms.modules().keySet())
                .as("modules on this test's class path: add a missing one to trefoil-architecture/pom.xml")
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void everyModuleHasALayer() {
        assertThat(LAYER.keySet()).as("LAYER").containsAll(Rooms.modules().keySet());
    }

    @Test
    void modulesRequireOnlyLowerLayers() {
        List<String> breaches = new ArrayList<>();
        for (ModuleDescriptor module : Rooms.modules().values()) {
            for (ModuleDescriptor.Requires required : module.requires()) {
                if (required.name().startsWith("trefoil.") && LAYER.get(required.name()) >= LAYER.get(module.name())) {
                    breaches.add(module.name() + " requires " + required.name());
                }
            }
        }
        assertThat(breaches).isEmpty();
    }

    @Test
    void theLowestLayerStandsAlone() {
        for (String name : Set.of("trefoil.api", "trefoil.linux", "trefoil.machine")) {
            assertThat(Rooms.modules().get(name).requires())
                    .extracting(ModuleDescriptor.Requires::name)
                    .as(name)
                    .noneMatch(required -> required.startsWith("trefoil."));
        }
    }

    @Test
    void modulesExportOnlyTheirOwnPackagesAndAreNotOpen() {
        for (ModuleDescriptor module : Rooms.modules().values()) {
            assertThat(module.isOpen()).as("%s is an open module", module.name()).isFalse();
            assertThat(module.packages())
                    .as("packages of %s", module.name())
                    .allMatch(name -> name.equals(module.name()) || name.startsWith(module.name() + "."));
        }
    }
}
