package trefoil.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import org.junit.jupiter.api.Test;

/** Native code is called, and memory is read at an address, in {@code trefoil.linux} alone. */
class NativeAccessTest {
    private static final JavaClasses CLASSES = Rooms.classes();
    private static final String LINUX = "trefoil.linux..";

    @Test
    void onlyLinuxLinksNativeCode() {
        noClasses()
                .that(outsideOfLinux())
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Linker.class, SymbolLookup.class)
                .check(CLASSES);
    }

    @Test
    void onlyLinuxReinterpretsMemory() {
        noClasses()
                .that(outsideOfLinux())
                .should()
                .callMethodWhere(target(owner(JavaClass.Predicates.assignableTo(MemorySegment.class)))
                        .and(target(name("reinterpret"))))
                .check(CLASSES);
    }

    @Test
    void nobodyLoadsLibrariesByJni() {
        noClasses()
                .should()
                .callMethodWhere(target(owner(JavaClass.Predicates.belongToAnyOf(System.class, Runtime.class)))
                        .and(target(nameMatching("load|loadLibrary"))))
                .check(CLASSES);
    }

    /** sun.misc.Signal is no internal: module jdk.unsupported exports it (JEP 260), and nothing else in Java tells of signals. One class knows it.
     * RawMemory is the one door to jdk.internal.misc.Unsafe, which a software processor needs for its speed. */
    @Test
    void nobodyUsesInternalsOfTheJdk() {
        noClasses().that().doNotHaveFullyQualifiedName("trefoil.cli.session.Signals").and().doNotHaveFullyQualifiedName("trefoil.machine.RawMemory").should().dependOnClassesThat().resideInAnyPackage("sun..", "jdk.internal..").check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> outsideOfLinux() {
        return DescribedPredicate.not(resideInAPackage(LINUX)).as("are outside of trefoil.linux");
    }
}
