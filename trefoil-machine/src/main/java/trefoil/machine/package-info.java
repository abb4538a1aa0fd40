/**
 * The parts that every virtual machine has, whatever board, devices and processor it is built from. Devices see these types and never an
 * engine; engines see them and never a device.
 *
 * <ul>
 *   <li>{@link trefoil.machine.GuestMemory}: the RAM and ROM that devices and processors share. Devices address it by guest-physical address and
 *       every access is checked; the answer to a bad one is a {@link trefoil.machine.GuestMemoryFault}, a checked exception, so that the compiler
 *       asks each device what its guest is to see. Processors take host addresses from it, page by page, and use {@link trefoil.machine.RawMemory}.
 *   <li>{@link trefoil.machine.Bus}: which device answers at a port or an address. A device sees only (offset, size, value), through
 *       {@link trefoil.machine.PortIo} or {@link trefoil.machine.Mmio}.
 *   <li>{@link trefoil.machine.InterruptLine} and {@link trefoil.machine.MsiSink}: how a device calls a processor.
 *   <li>{@link trefoil.machine.Clock}: the only source of time. Randomness needs no type of ours: whoever needs some is given a
 *       {@link java.util.random.RandomGenerator}.
 *   <li>{@link trefoil.machine.BlockBackend}, {@link trefoil.machine.NetBackend}, {@link trefoil.machine.CharBackend}: what lies behind a disk, a
 *       network card and a serial line.
 *   <li>{@code trefoil.machine.snapshot}: the state of all devices, which are records, as one file.
 * </ul>
 *
 * <p>Threads: vCPUs run on platform threads and enter the bus concurrently; a device guards its own state with its own lock and calls lines, sinks
 * and backends that take none of its locks. What else a type promises stands in its own description.
 */
package trefoil.machine;
