package trefoil.x86.cpuid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Row;

class CpuidPolicyTest {
    private final CpuidPolicy para = CpuProfile.PARA.policy().topology(3, 4).rates(2_400_000_000L, 25_000_000L, 1_000_000_000L).build();
    private final CpuidPolicy pc = CpuProfile.PC.policy().build();

    private static CpuidAnswer ask(CpuidPolicy policy, int leaf, int subleaf) {
        return policy.answer(leaf, subleaf, CpuidState.RESET);
    }

    private static String text(int... words) {
        ByteBuffer octets = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        octets.asIntBuffer().put(words);
        return new String(octets.array(), StandardCharsets.US_ASCII);
    }

    @Test
    void vendorIsIntel() {
        CpuidAnswer answer = ask(para, 0, 0);
        assertThat(text(answer.ebx(), answer.edx(), answer.ecx())).isEqualTo("GenuineIntel");
        assertThat(answer.eax()).isEqualTo(0x16);
    }

    @Test
    void brandIsInThreeLeaves() {
        StringBuilder brand = new StringBuilder();
        for (int leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
            CpuidAnswer answer = ask(para, leaf, 0);
            brand.append(text(answer.eax(), answer.ebx(), answer.ecx(), answer.edx()));
        }
        assertThat(brand.toString()).isEqualTo("Trefoil Virtual Processor" + "\0".repeat(23));
    }

    @ParameterizedTest
    @EnumSource(CpuFeature.class)
    void everyOfferedFeatureShowsAndNoOther(CpuFeature feature) {
        if (feature == CpuFeature.BASELINE || feature == CpuFeature.HTT) {
            return;
        }
        int register = ask(para, feature.leaf(), feature.subleaf()).register(feature.register());
        assertThat((register & feature.mask()) != 0).isEqualTo(para.has(feature));
    }

    @Test
    void noTwoFeaturesShareABit() {
        Set<String> seen = new HashSet<>();
        for (CpuFeature feature : CpuFeature.values()) {
            assertThat(seen.add(feature.leaf() + "." + feature.subleaf() + "." + feature.register() + "." + feature.bit())).as(feature.name()).isTrue();
        }
    }

    @Test
    void policyOfTheDesign() {
        assertThat(CpuProfile.PARA.features()).contains(CpuFeature.ERMS, CpuFeature.FSRM, CpuFeature.ARAT, CpuFeature.TSC_DEADLINE, CpuFeature.X2APIC, CpuFeature.HYPERVISOR)
                .doesNotContain(CpuFeature.MONITOR, CpuFeature.AVX, CpuFeature.AVX2, CpuFeature.FMA, CpuFeature.F16C);
        assertThat(CpuProfile.PC.features()).doesNotContain(CpuFeature.HYPERVISOR);
    }

    @Test
    void hypervisorLeavesAreThereOnlyForAwareGuests() {
        CpuidAnswer answer = ask(para, 0x40000000, 0);
        assertThat(text(answer.ebx(), answer.ecx(), answer.edx())).isEqualTo("KVMKVMKVM\0\0\0");
        assertThat(answer.eax()).isEqualTo(0x40000010);
        assertThat(ask(para, 0x40000010, 0)).isEqualTo(new CpuidAnswer(2_400_000, 1_000_000, 0, 0));
        assertThat(ask(para, 0x40000001, 0).eax() & KvmFeature.CLOCKSOURCE2.mask()).isNotZero();
        assertThat(ask(pc, 0x40000000, 0)).isEqualTo(ask(pc, 0x16, 0));
        assertThat(ask(pc, 1, 0).ecx()).isNotNegative();
    }

    @Test
    void leavesOutOfRangeAnswerAsTheHighestBasicOne() {
        assertThat(ask(para, 0x17, 0)).isEqualTo(ask(para, 0x16, 0));
        assertThat(ask(para, 0x80000009, 0)).isEqualTo(ask(para, 0x16, 0));
        assertThat(ask(para, -1, 0)).isEqualTo(ask(para, 0x16, 0));
        assertThat(ask(para, 3, 0)).isEqualTo(CpuidAnswer.ZERO);
        assertThat(ask(para, 7, 2)).isEqualTo(CpuidAnswer.ZERO);
    }

    @Test
    void topologyOfFourCores() {
        assertThat(ask(para, 0xB, 0)).isEqualTo(new CpuidAnswer(0, 1, 0x100, 3));
        assertThat(ask(para, 0xB, 1)).isEqualTo(new CpuidAnswer(2, 4, 0x201, 3));
        assertThat(ask(para, 0xB, 5)).isEqualTo(new CpuidAnswer(0, 0, 5, 3));
        assertThat(ask(para, 1, 0).ebx() >>> 24).isEqualTo(3);
        assertThat(ask(para, 1, 0).ebx() >>> 16 & 0xff).isEqualTo(4);
        assertThat(ask(para, 1, 0).edx() & CpuFeature.HTT.mask()).isNotZero();
        assertThat(ask(pc, 1, 0).edx() & CpuFeature.HTT.mask()).isZero();
    }

    @Test
    void timeStampRateFollowsFromLeaf15() {
        CpuidAnswer answer = ask(para, 0x15, 0);
        assertThat((long) answer.ecx() * answer.ebx() / answer.eax()).isEqualTo(2_400_000_000L);
        assertThat(answer.ecx()).isEqualTo(25_000_000);
        assertThat(ask(para, 0x16, 0).eax()).isEqualTo(2_400);
        CpuidAnswer odd = ask(CpuProfile.PC.policy().rates(2_399_998_213L, 25_000_000L, 1).build(), 0x15, 0);
        assertThat(Integer.toUnsignedLong(odd.ecx()) * Integer.toUnsignedLong(odd.ebx()) / Integer.toUnsignedLong(odd.eax())).isEqualTo(2_399_998_213L);
    }

    @Test
    void stateShowsThrough() {
        assertThat(ask(para, 1, 0).ecx() & CpuFeature.OSXSAVE.mask()).isZero();
        CpuidState changed = new CpuidState(true, false, 3, 0);
        assertThat(para.answer(1, 0, changed).ecx() & CpuFeature.OSXSAVE.mask()).isNotZero();
        assertThat(para.answer(1, 0, changed).edx() & CpuFeature.APIC.mask()).isZero();
    }

    @Test
    void xsaveAreaGrowsWithAvx() {
        assertThat(ask(para, 0xD, 0)).isEqualTo(new CpuidAnswer(3, 576, 576, 0));
        assertThat(para.supportedXcr0()).isEqualTo(3);
        CpuidPolicy avx = CpuProfile.PARA.policy().with(CpuFeature.AVX).build();
        assertThat(avx.answer(0xD, 0, new CpuidState(true, true, 7, 0))).isEqualTo(new CpuidAnswer(7, 832, 832, 0));
        assertThat(avx.answer(0xD, 0, new CpuidState(true, true, 3, 0))).isEqualTo(new CpuidAnswer(7, 576, 832, 0));
        assertThat(ask(avx, 0xD, 2)).isEqualTo(new CpuidAnswer(256, 576, 0, 0));
        assertThat(ask(CpuProfile.PC.policy().without(CpuFeature.XSAVE).without(CpuFeature.XSAVEOPT).without(CpuFeature.XSAVEC).without(CpuFeature.XSAVES).without(CpuFeature.XGETBV1).build(), 0xD, 0))
                .isEqualTo(CpuidAnswer.ZERO);
    }

    @Test
    void firstLevelCacheHas32Kilobytes() {
        CpuidAnswer answer = ask(para, 4, 0);
        int ways = (answer.ebx() >>> 22) + 1;
        int line = (answer.ebx() & 0xfff) + 1;
        assertThat(ways * line * (answer.ecx() + 1)).isEqualTo(32 << 10);
        assertThat(answer.eax() & 31).isEqualTo(1);
        assertThat(ask(para, 4, 4)).isEqualTo(CpuidAnswer.ZERO);
    }

    @Test
    void entriesSayWhatAnswersSay() {
        assertThat(para.entries()).hasSizeGreaterThan(25).allSatisfy(entry -> assertThat(ask(para, entry.leaf(), entry.subleaf())).isEqualTo(entry.answer()));
        assertThat(para.entries()).extracting(entry -> entry.leaf() + "." + entry.subleaf()).doesNotHaveDuplicates();
    }

    @Test
    void signatureSplitsFamilyAndModel() {
        assertThat(CpuidPolicy.Builder.signature(6, 0x6A, 6)).isEqualTo(0x606A6);
        assertThat(CpuidPolicy.Builder.signature(0x17, 0x31, 0)).isEqualTo(0x830F10);
    }

    @Test
    void namesThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> CpuProfile.PC.policy().identity("Short", "brand", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** A guest that looks at CPUID finds every instruction of the table that is not of AVX or MONITOR. */
    @Test
    void profilesOfferWhatTheTableHas() {
        Set<CpuFeature> hidden = CpuProfile.avx();
        hidden.add(CpuFeature.MONITOR);
        assertThat(InstructionTable.rows()).extracting(Row::feature).filteredOn(feature -> !para.has(feature)).isSubsetOf(hidden);
    }
}
