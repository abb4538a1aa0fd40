package trefoil.x86.cpuid;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What CPUID answers on one vCPU (Intel SDM Vol. 2, CPUID). Made by {@link Builder}; immutable.
 *
 * <p>Leaves above the highest of their range answer as the highest basic leaf, as Intel's processors do; leaves of the hypervisor range do so when there is no hypervisor.
 */
public final class CpuidPolicy {
    /** First leaf of hypervisors. */
    public static final int HYPERVISOR_LEAF = 0x40000000;

    private static final int EXTENDED_LEAF = 0x80000000;
    private static final int HIGHEST_BASIC = 0x16;
    private static final int HIGHEST_EXTENDED = 0x80000008;
    private static final int HIGHEST_HYPERVISOR = 0x40000010;
    /** Legacy area and header of XSAVE (Vol. 1, 13.4). */
    private static final int XSAVE_LEGACY = 576;
    private static final int AVX_SIZE = 256;
    private static final int AVX = 4;

    private final Map<Long, CpuidAnswer> answers;
    private final Set<CpuFeature> features;

    private CpuidPolicy(Builder from) {
        features = EnumSet.copyOf(from.features);
        answers = new Leaves(from).answers;
    }

    /** Whether {@code feature} is offered; {@link CpuFeature#BASELINE} always is. */
    public boolean has(CpuFeature feature) {
        return feature == CpuFeature.BASELINE || features.contains(feature);
    }

    /** Features that are offered. */
    public Set<CpuFeature> features() {
        return EnumSet.copyOf(features);
    }

    /** Components of XCR0 that may be set. */
    public long supportedXcr0() {
        return has(CpuFeature.XSAVE) ? 3 | (has(CpuFeature.AVX) ? AVX : 0) : 1;
    }

    /** Answers with the state that shows through. */
    public CpuidAnswer answer(int leaf, int subleaf, CpuidState state) {
        int in = effective(leaf);
        CpuidAnswer fixed = answers.getOrDefault(key(in, subleaf), answers.getOrDefault(key(in, -1), CpuidAnswer.ZERO));
        return switch (in) {
            case 1 -> withState(fixed, state);
            case 0xB -> new CpuidAnswer(fixed.eax(), fixed.ebx(), fixed.ecx() | subleaf & 0xff, fixed.edx());
            case 0xD -> xsave(fixed, subleaf, state);
            default -> fixed;
        };
    }

    /** All leaves and subleaves with what they answer after reset: for engines that take a table. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        answers.forEach((key, answer) -> entries.add(entry(key)));
        return entries;
    }

    private Entry entry(long key) {
        int leaf = (int) (key >> 32);
        int subleaf = (int) key;
        if (leaf == 0xB && subleaf < 0) {
            return new Entry(leaf, 2, true, answer(leaf, 2, CpuidState.RESET)); // ends the list of levels
        }
        return new Entry(leaf, Math.max(subleaf, 0), subleaf >= 0, answer(leaf, Math.max(subleaf, 0), CpuidState.RESET));
    }

    /** One row of {@link #entries()}; {@code indexed} if the subleaf matters. */
    public record Entry(int leaf, int subleaf, boolean indexed, CpuidAnswer answer) {}

    private int effective(int leaf) {
        int highest = switch (leaf >>> 16) {
            case HYPERVISOR_LEAF >>> 16 -> has(CpuFeature.HYPERVISOR) ? HIGHEST_HYPERVISOR : HYPERVISOR_LEAF - 1;
            case EXTENDED_LEAF >>> 16 -> HIGHEST_EXTENDED;
            default -> HIGHEST_BASIC;
        };
        return Integer.compareUnsigned(leaf, highest) <= 0 ? leaf : HIGHEST_BASIC;
    }

    private static CpuidAnswer withState(CpuidAnswer fixed, CpuidState state) {
        int edx = state.apicEnabled() ? fixed.edx() : fixed.edx() & ~CpuFeature.APIC.mask();
        int ecx = fixed.ecx() | (state.osxsave() ? CpuFeature.OSXSAVE.mask() : 0);
        return new CpuidAnswer(fixed.eax(), fixed.ebx(), ecx, edx);
    }

    private CpuidAnswer xsave(CpuidAnswer fixed, int subleaf, CpuidState state) {
        if (!has(CpuFeature.XSAVE) || subleaf > 1) {
            return fixed;
        }
        long components = subleaf == 0 ? state.xcr0() : state.xcr0() | state.xss();
        boolean sized = subleaf == 0 || has(CpuFeature.XSAVEC);
        return new CpuidAnswer(fixed.eax(), sized ? areaSize(components) : 0, fixed.ecx(), fixed.edx());
    }

    private static int areaSize(long components) {
        return XSAVE_LEGACY + ((components & AVX) != 0 ? AVX_SIZE : 0);
    }

    private static long key(int leaf, int subleaf) {
        return (long) leaf << 32 | subleaf & 0xffffffffL;
    }

    /** What a vCPU is to be. */
    public static final class Builder {
        private final Set<CpuFeature> features;
        private final Set<KvmFeature> kvm;
        private String vendor = "GenuineIntel";
        private String brand = "Trefoil Virtual Processor";
        private int signature = signature(6, 0x6A, 6);
        private int physicalBits = 46;
        private int apicId;
        private int cores = 1;
        private long tscHz = 2_000_000_000L;
        private long crystalHz = 25_000_000L;
        private long busHz = 1_000_000_000L;
        private List<CacheLevel> caches = List.of(
                new CacheLevel(1, CacheLevel.Kind.DATA, 8, 64, false),
                new CacheLevel(1, CacheLevel.Kind.INSTRUCTION, 8, 64, false),
                new CacheLevel(2, CacheLevel.Kind.UNIFIED, 16, 1024, false),
                new CacheLevel(3, CacheLevel.Kind.UNIFIED, 16, 16384, true));

        /** With these features, and nothing else set. */
        public Builder(Set<CpuFeature> features, Set<KvmFeature> kvm) {
            this.features = EnumSet.copyOf(features);
            this.kvm = kvm.isEmpty() ? EnumSet.noneOf(KvmFeature.class) : EnumSet.copyOf(kvm);
        }

        /** Offers {@code feature} too. */
        public Builder with(CpuFeature feature) {
            features.add(feature);
            return this;
        }

        /** Does not offer {@code feature}. */
        public Builder without(CpuFeature feature) {
            features.remove(feature);
            return this;
        }

        /** Offers a service of the hypervisor too. */
        public Builder with(KvmFeature feature) {
            kvm.add(feature);
            return this;
        }

        /** Vendor of 12 letters and brand of at most 47. */
        public Builder identity(String vendorId, String brandString, int signatureOfModel) {
            if (vendorId.length() != 12 || brandString.length() > 47) {
                throw new IllegalArgumentException("vendor of 12 letters, brand of at most 47: " + vendorId + ", " + brandString);
            }
            vendor = vendorId;
            brand = brandString;
            signature = signatureOfModel;
            return this;
        }

        /** EAX of leaf 1. */
        public static int signature(int family, int model, int stepping) {
            int shownFamily = Math.min(family, 15);
            return stepping & 15 | (model & 15) << 4 | shownFamily << 8 | model >> 4 << 16 | family - shownFamily << 20;
        }

        /** MAXPHYADDR. */
        public Builder physicalBits(int bits) {
            physicalBits = bits;
            return this;
        }

        /** The vCPU's x2APIC id, and how many cores of one thread the package has. */
        public Builder topology(int id, int coresOfPackage) {
            apicId = id;
            cores = coresOfPackage;
            return this;
        }

        /** Caches, first level first. */
        public Builder caches(List<CacheLevel> levels) {
            caches = List.copyOf(levels);
            return this;
        }

        /**
         * Rates in Hz: the time stamp counter, the core crystal (which the timer of the APIC counts on Intel's processors), the APIC bus that 0x40000010 tells. Leaf 0x15 tells the
         * crystal as TSC rate × EAX / EBX, so both are taken exactly if they have a ratio of 32 bits.
         */
        public Builder rates(long tsc, long crystal, long bus) {
            tscHz = tsc;
            crystalHz = crystal;
            busHz = bus;
            return this;
        }

        /** The policy. */
        public CpuidPolicy build() {
            return new CpuidPolicy(this);
        }
    }

    /** Fills the leaves. */
    private static final class Leaves {
        private final Map<Long, CpuidAnswer> answers = new TreeMap<>();
        private final Builder from;
        private final int coreBits;

        Leaves(Builder from) {
            this.from = from;
            this.coreBits = 32 - Integer.numberOfLeadingZeros(from.cores - 1);
            identity();
            cachesAndTopology();
            xsave();
            rates();
            extended();
            if (from.features.contains(CpuFeature.HYPERVISOR)) {
                hypervisor();
            }
            features();
        }

        private void put(int leaf, int eax, int ebx, int ecx, int edx) {
            answers.put(key(leaf, -1), new CpuidAnswer(eax, ebx, ecx, edx));
        }

        private void put(int leaf, int subleaf, CpuidAnswer answer) {
            answers.put(key(leaf, subleaf), answer);
        }

        private void identity() {
            int[] words = words(from.vendor, 3);
            put(0, HIGHEST_BASIC, words[0], words[2], words[1]);
            int ids = from.cores > 1 ? 1 << coreBits : 1;
            put(1, from.signature, CacheLevel.LINE / 8 << 8 | ids << 16 | from.apicId << 24, 0, from.cores > 1 ? CpuFeature.HTT.mask() : 0);
            put(2, 0x00FEFF01, 0, 0, 0); // no prefetch hint in octet FE; FF: caches are told by leaf 4
            put(6, 0, 0, 0, 0);
        }

        private void cachesAndTopology() {
            int subleaf = 0;
            for (CacheLevel cache : from.caches) {
                put(4, subleaf++, cache.answer(coreBits));
            }
            put(4, subleaf, CpuidAnswer.ZERO);
            put(0xB, 0, new CpuidAnswer(0, 1, 1 << 8, from.apicId));
            put(0xB, 1, new CpuidAnswer(coreBits, from.cores, 2 << 8, from.apicId));
            put(0xB, 0, 0, 0, from.apicId);
        }

        private void xsave() {
            if (!from.features.contains(CpuFeature.XSAVE)) {
                return;
            }
            boolean avx = from.features.contains(CpuFeature.AVX);
            long all = 3 | (avx ? AVX : 0);
            put(0xD, 0, new CpuidAnswer((int) all, 0, areaSize(all), 0));
            put(0xD, 1, CpuidAnswer.ZERO);
            if (avx) {
                put(0xD, 2, new CpuidAnswer(AVX_SIZE, XSAVE_LEGACY, 0, 0));
            }
        }

        private void rates() {
            long divisor = greatestCommonDivisor(from.tscHz, from.crystalHz);
            long denominator = from.crystalHz / divisor;
            long numerator = from.tscHz / divisor;
            boolean exact = numerator >>> 32 == 0 && denominator >>> 32 == 0;
            put(0x15, exact ? (int) denominator : (int) (from.crystalHz / 1000), exact ? (int) numerator : (int) (from.tscHz / 1000), (int) from.crystalHz, 0);
            int megahertz = (int) (from.tscHz / 1_000_000);
            put(0x16, megahertz, megahertz, (int) (from.crystalHz * 4 / 1_000_000), 0);
        }

        private static long greatestCommonDivisor(long a, long b) {
            return b == 0 ? a : greatestCommonDivisor(b, a % b);
        }

        private void extended() {
            put(EXTENDED_LEAF, HIGHEST_EXTENDED, 0, 0, 0);
            put(0x80000001, 0, 0, 0, 0);
            int[] words = words(from.brand, 12);
            for (int i = 0; i < 3; i++) {
                put(0x80000002 + i, words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]);
            }
            int kilobytes = from.caches.stream().filter(cache -> cache.level() == 2).mapToInt(CacheLevel::size).sum() / 1024;
            put(0x80000006, 0, 0, kilobytes << 16 | 8 << 12 | CacheLevel.LINE, 0);
            put(0x80000007, 0, 0, 0, 0);
            put(0x80000008, from.physicalBits | 48 << 8, 0, 0, 0);
        }

        private void hypervisor() {
            int[] words = words("KVMKVMKVM", 3);
            put(HYPERVISOR_LEAF, HIGHEST_HYPERVISOR, words[0], words[1], words[2]);
            put(HYPERVISOR_LEAF + 1, from.kvm.stream().mapToInt(KvmFeature::mask).reduce(0, (a, b) -> a | b), 0, 0, 0);
            put(HIGHEST_HYPERVISOR, (int) (from.tscHz / 1000), (int) (from.busHz / 1000), 0, 0);
        }

        private void features() {
            for (CpuFeature feature : from.features) {
                int leaf = feature.leaf();
                boolean indexed = leaf == 7 || leaf == 0xD;
                long key = key(leaf, indexed ? feature.subleaf() : -1);
                CpuidAnswer before = answers.getOrDefault(key, CpuidAnswer.ZERO);
                answers.put(key, before.with(feature.register(), feature.mask()));
            }
            highestSubleafOfSeven();
        }

        private void highestSubleafOfSeven() {
            if (answers.containsKey(key(7, 1))) {
                answers.merge(key(7, 0), new CpuidAnswer(1, 0, 0, 0), (before, one) -> before.with(CpuidRegister.EAX, 1));
            }
        }

        private static int[] words(String text, int count) {
            ByteBuffer octets = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
            octets.put(text.getBytes(StandardCharsets.US_ASCII)).rewind();
            int[] words = new int[count];
            octets.asIntBuffer().get(words);
            return words;
        }
    }
}
