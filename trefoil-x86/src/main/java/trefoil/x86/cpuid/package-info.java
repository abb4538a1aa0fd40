/**
 * What CPUID tells: the catalogue of {@link trefoil.x86.cpuid.CpuFeature features} by leaf, subleaf, register and bit (Intel SDM Vol. 2, CPUID).
 */
package trefoil.x86.cpuid;
