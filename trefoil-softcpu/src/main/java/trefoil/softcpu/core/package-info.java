/**
 * The state of one software processor, as its parts share it. {@link trefoil.softcpu.core.Cpu} holds it: general and vector registers in a block outside of the heap
 * ({@link trefoil.softcpu.core.Block}), flags as the last result and its carries ({@link trefoil.softcpu.core.Flags}), segments with their hidden parts, control registers. A
 * {@link trefoil.softcpu.core.Fault} is thrown by whatever finds that an instruction cannot be completed.
 *
 * <p>Fields are public: every instruction of the guest reads and writes them, and there is nothing to check. One thread at a time has all of it.
 */
package trefoil.softcpu.core;
