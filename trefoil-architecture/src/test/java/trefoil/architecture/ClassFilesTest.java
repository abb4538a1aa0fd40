package trefoil.architecture;

import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules over the compiled classes of all modules. */
class ClassFilesTest {
    private static final JavaClasses CLASSES = Rooms.classes();

    /** HotSpot's {@code HugeMethodLimit}: a method with more bytecodes is interpreted for ever. Static initializers run once and so may be longer: a large enum has no other way. */
    private static final int HUGE_METHOD_LIMIT = 8_000;

    @Test
    void noMethodIsTooLongToBeCompiled() {
        List<String> breaches = new ArrayList<>();
        int methods = 0;
        for (JavaClass type : CLASSES) {
            ClassModel model = ClassFile.of().parse(octets(type));
            for (MethodModel method : model.methods()) {
                methods++;
                int length = method.findAttribute(java.lang.classfile.Attributes.code())
                        .map(CodeAttribute::codeLength)
                        .orElse(0);
                if (length > HUGE_METHOD_LIMIT && !method.methodName().equalsString("<clinit>")) {
                    breaches.add(type.getName() + "." + method.methodName().stringValue() + ": " + length + " bytecodes");
                }
            }
        }
        assertThat(methods).as("methods seen").isGreaterThan(100);
        assertThat(breaches).isEmpty();
    }

    /** Among the packages below a module's root package; that one and they may know each other. */
    @Test
    void packagesAreFreeOfCycles() {
        SlicesRuleDefinition.slices().matching("trefoil.(*).(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void noStaticFieldCanBeAssignedTwice() {
        fields().that(are(writtenByPeople())).and().areStatic().should().beFinal().check(CLASSES);
    }

    @Test
    void onlyCommandsWriteToStandardOutput() {
        noClasses()
                .that()
                .resideOutsideOfPackages("trefoil.cli..", "trefoil.demo..", "trefoil.benchmarks..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(CLASSES);
    }

    @Test
    void onlyCommandsEndTheProcess() {
        noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Main")
                .and()
                .resideOutsideOfPackages("trefoil.cli..", "trefoil.demo..", "trefoil.benchmarks..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaField> writtenByPeople() {
        return DescribedPredicate.describe(
                "written by people",
                field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC) && !field.getName().startsWith("$"));
    }

    private static byte[] octets(JavaClass type) {
        String path = type.getName().replace('.', '/') + ".class";
        try (InputStream in = ClassFilesTest.class.getClassLoader().getResourceAsStream(path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
