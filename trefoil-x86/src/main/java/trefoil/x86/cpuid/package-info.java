/**
 * What CPUID tells: the catalogue of {@link trefoil.x86.cpuid.CpuFeature features} by leaf, subleaf, register and bit, and the {@link trefoil.x86.cpuid.CpuidPolicy} that answers
 * for one vCPU (Intel SDM Vol. 2, CPUID). {@link trefoil.x86.cpuid.CpuProfile} names the two sets of features that machines have; the policy adds identity, topology, caches and
 * rates, and takes from {@link trefoil.x86.cpuid.CpuidState} what changes while the processor runs.
 */
package trefoil.x86.cpuid;
