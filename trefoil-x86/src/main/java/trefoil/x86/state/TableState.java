package trefoil.x86.state;

/** GDTR or IDTR. */
public record TableState(long base, int limit) {}
