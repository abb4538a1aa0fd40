package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * Pressure stall information, percent of the last ten seconds in which some task waited (Linux
 * {@code Documentation/accounting/psi.rst}, the {@code some avg10} figure); {@code null} where the kernel has none.
 */
@Json
public record Pressure(Double cpu, Double memory, Double io) {}
