package trefoil.disk;

import trefoil.machine.BlockBackend;

/**
 * What an image stands on.
 *
 * @param name as the image's header has it
 * @param format {@code raw} or {@code qcow2}
 * @param disk read-only, closed with the image
 */
public record Backing(String name, String format, BlockBackend disk) {}
