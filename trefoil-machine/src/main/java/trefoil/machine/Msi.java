package trefoil.machine;

/**
 * A message-signaled interrupt: a 32-bit write that means an interrupt (PCI Local Bus 3.0, 6.8; what address and data say: Intel SDM volume 3,
 * 11.11).
 */
public record Msi(long address, int data) {}
