/**
 * How control enters and leaves segments, privilege levels and handlers (Intel SDM Vol. 3, chapters 3, 5, 6, 8, 20).
 *
 * <p>{@link trefoil.softcpu.transfer.Segments} loads segment registers from descriptors. {@link trefoil.softcpu.transfer.Delivery} carries exceptions and interrupts to their handlers, through the vector table of real
 * mode, gates of 8 or of 16 octets, or {@link trefoil.softcpu.transfer.Tasks task switches}. {@link trefoil.softcpu.transfer.FarTransfers} executes far jumps, calls and returns, IRET, INT and the fast system calls;
 * {@link trefoil.softcpu.transfer.SegmentInstructions} all that loads, stores and asks about selectors.
 *
 * <p>All follow one order: read and check everything, probe what is going to be stored, store, and only then change registers. A fault on the way leaves the processor as it was. The exception is a task switch: its last
 * faults belong to the new task (8.3).
 */
package trefoil.softcpu.transfer;
