/**
 * The board of a PC after Intel's Q35 chipset with an ICH9. Each chip is one class that is programmed by its registers, in the data sheet's words; it is given its clock, its
 * interrupt lines and what lies behind it, and knows neither the processor that programs it nor the other chips. {@code state()} gives all that a chip remembers as a record, and
 * {@code restore} takes it back.
 *
 * <p>Order of locks: a device's own, then the 8259A pair's or the I/O APIC's, then one local APIC's. Whoever calls up that chain lets go of its own first.
 */
package trefoil.pc;
