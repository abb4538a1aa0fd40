/**
 * An NVM Express controller with one namespace (NVM Express Base Specification 1.4), a disk for guests without virtio drivers: {@link trefoil.pc.nvme.NvmeController} over a
 * {@link trefoil.machine.BlockBackend}.
 *
 * <p>The guest puts commands of 64 bytes into submission queues in its memory and tells of them by doorbell registers; the controller answers with entries of 16 bytes in completion queues, whose phase bit says that
 * they are new, and with interrupts. Queue 0 takes administrative commands ({@code AdminCommands}), which make the others; those take reads and writes ({@code NamespaceCommands}). Data lies where lists of page
 * addresses (PRPs, {@code DataPointer}) say, and goes between guest memory and backend without a copy.
 *
 * <p>Threads: processors write registers and doorbells, under locks that are held for a moment; one worker thread fetches commands, one from each queue in turn, does them and posts their completions. A reset takes
 * effect between two commands, which is when CSTS.RDY falls.
 *
 * <p>A guest's mistake is the status of its command ({@code CommandFault}), an asynchronous event (doorbells), or, if queues cannot be reached at all, CSTS.CFS; work on one command is bounded by the limits which
 * Identify states.
 */
package trefoil.pc.nvme;
