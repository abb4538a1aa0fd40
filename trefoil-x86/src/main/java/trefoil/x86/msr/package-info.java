/**
 * Model-specific registers: {@link trefoil.x86.msr.Msr} names those that systems touch, with the bits that may be written and the value after reset (Intel SDM Vol. 4, table 2-2;
 * kernel docs, virt/kvm/x86/msr.rst for those of KVM).
 */
package trefoil.x86.msr;
