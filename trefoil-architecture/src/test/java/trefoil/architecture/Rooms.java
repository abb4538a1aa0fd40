package trefoil.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the rules look at: the modules on the class path, their classes, and the sources beside this module. */
final class Rooms {
    /** The directory of the whole build: Surefire runs tests in the module's own. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Rooms() {}

    /** All classes of Trefoil that are not tests. */
    static JavaClasses classes() {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/trefoil/architecture/"))
                .importPackages("trefoil");
    }

    /** Descriptors of Trefoil's modules by name. */
    static Map<String, ModuleDescriptor> modules() {
        Map<String, ModuleDescriptor> modules = new TreeMap<>();
        try {
            for (URL url : Rooms.class.getClassLoader().resources("module-info.class").toList()) {
                try (InputStream in = url.openStream()) {
                    ModuleDescriptor module = ModuleDescriptor.read(in);
                    if (module.name().startsWith("trefoil.")) {
                        modules.put(module.name(), module);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return modules;
    }

    /** Directories {@code trefoil-*} that hold a pom. */
    static List<Path> directories() {
        try (Stream<Path> all = Files.list(ROOT)) {
            return all.filter(room -> room.getFileName().toString().startsWith("trefoil-"))
                    .filter(room -> Files.exists(room.resolve("pom.xml")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Java sources below {@code src/main/java}, or {@code src/test/java}, of all modules. */
    static List<Path> sources(String tree) {
        return directories().stream()
                .map(room -> room.resolve("src").resolve(tree).resolve("java"))
                .filter(Files::isDirectory)
                .flatMap(Rooms::javaFiles)
                .toList();
    }

    private static Stream<Path> javaFiles(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(file -> file.toString().endsWith(".java")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Text of a source. */
    static String text(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
