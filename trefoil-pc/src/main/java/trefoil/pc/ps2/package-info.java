/**
 * The keyboard controller at ports 0x60 and 0x64, as far as a machine without keyboard and mouse needs it: the pulse that resets the processor, address line 20, and answers to whoever
 * looks whether something is plugged in.
 */
package trefoil.pc.ps2;
