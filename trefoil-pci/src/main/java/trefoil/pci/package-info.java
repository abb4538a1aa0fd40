/**
 * Bus 0 of a Q35 board, and what a device needs to sit on it (PCI Local Bus Specification 3.0; enhanced configuration access: PCI Express Base Specification 3.0, 7.2.2).
 *
 * <p>A device makes a {@link trefoil.pci.ConfigSpace}, asks it for base addresses ({@link trefoil.pci.Bar}) and capabilities ({@link trefoil.pci.Msix}), and is put into a slot of the
 * {@link trefoil.pci.PciRoot}, which guests reach by ports 0xCF8 and 0xCFC and by the ECAM window. When a guest writes a base address or switches decoding on, the Bar moves its window of the
 * machine's {@link trefoil.machine.Bus}; the device notices nothing.
 *
 * <p>Interrupt pins of slots are wired to PIRQA# to PIRQH# ({@link trefoil.pci.PirqRouter}), those to inputs 16 to 23 of the I/O APIC and, as {@link trefoil.pci.LpcBridge} is told, to the
 * 8259As. {@link trefoil.pci.ResourceAssignment} does what firmware would do where a kernel is booted without any.
 *
 * <p>Locks: a function's configuration space is one, an MSI-X table another; the first may be held when the second is taken, and both when a line or a sink is called.
 */
package trefoil.pci;
