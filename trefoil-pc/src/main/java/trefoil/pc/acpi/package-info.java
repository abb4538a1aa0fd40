/**
 * What the board tells an operating system of itself: ACPI tables ({@link trefoil.pc.acpi.AcpiTables}) with a DSDT in AML ({@link trefoil.pc.acpi.Aml}, {@link trefoil.pc.acpi.ResourceTemplate}), and
 * SMBIOS structures ({@link trefoil.pc.acpi.Smbios}). All are plain bytes with addresses already in them, to be written into the BIOS's shadow below 1 MiB, where direct boots have nothing else.
 */
package trefoil.pc.acpi;
