package trefoil.pc.boot;

/**
 * How the first processor begins: interrupts off (RFLAGS 2), paging as CR0 says, all other general registers 0.
 *
 * @param mode what CS says
 * @param rip where
 * @param rbx PVH: address of the start info
 * @param rsi Linux: address of the zero page
 * @param gdt address of a GDT of five descriptors: none, none, code, data, task state
 * @param codeSelector of a flat code segment in it
 * @param dataSelector of a flat, writable data segment in it, for DS, ES, SS, FS and GS
 * @param taskSelector of a busy task-state segment at 0 with a limit of 0x67
 */
public record EntryState(Mode mode, long rip, long rbx, long rsi, long rsp, long cr0, long cr3, long cr4, long efer, long gdt, int gdtLimit, int codeSelector, int dataSelector, int taskSelector) {
    /** Size of code. */
    public enum Mode {
        PROTECTED_32,
        LONG_64
    }
}
