/**
 * Memory that Java's heap and arenas do not give: a guest's RAM as a file in memory ({@link trefoil.linux.memory.SharedMemory}), which other processes can map through its descriptor, and pages at a chosen address
 * ({@link trefoil.linux.memory.Pages}) with code in them that {@link trefoil.linux.memory.NativeCode} calls.
 */
package trefoil.linux.memory;
