package trefoil.softcpu.interpret;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import trefoil.machine.GuestMemory;
import trefoil.machine.RawMemory;
import trefoil.softcpu.mmu.CodePages;
import trefoil.softcpu.mmu.Exclusion;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Decoder;
import trefoil.x86.decode.Instruction;
import trefoil.x86.decode.Outcome;

/** One processor's decoded pages, by physical page and size of code. Pages that have changed are cleared by the processor's own thread: at once if it changed them itself, else when it is told. */
final class DecodeCache {
    /** Octets that are decoded, and taken for code, at a time. */
    private static final int WINDOW = 256;
    /** Octets that the decoded pages of all processors may take together: less than half of the heap, since what is forgotten is not collected at once. */
    private static final long MOST = Runtime.getRuntime().maxMemory() * 2 / 5;

    private final GuestMemory memory;
    private final CodePages code;
    private final Exclusion.Member member;
    private final Decoder decoder = new Decoder();
    private final Packer packer = new Packer();
    private final byte[] octets = new byte[(int) GuestMemory.PAGE_SIZE];
    private final List<Map<Long, CodePage>> pages = new ArrayList<>();
    /** Octets that they take. */
    private long held;

    DecodeCache(GuestMemory memory, CodePages code, Exclusion.Member member) {
        this.memory = memory;
        this.code = code;
        this.member = member;
        for (int n = 0; n < CodeSize.values().length; n++) {
            pages.add(new HashMap<>());
        }
    }

    /** The page of a physical address; null if that is no memory, from which nothing is cached. */
    CodePage page(long physical, CodeSize codeSize) {
        long start = physical & -GuestMemory.PAGE_SIZE;
        Map<Long, CodePage> bySize = pages.get(codeSize.ordinal());
        CodePage page = bySize.get(start);
        if (page == null) {
            if (memory.readableHost(start) == 0) {
                return null;
            }
            if (held >= MOST / member.count()) {
                clear();
            }
            page = new CodePage(start, codeSize);
            bySize.put(start, page);
            held += page.size();
        }
        return page;
    }

    /** Forgets what was decoded from a physical page. */
    void clear(long physical) {
        for (Map<Long, CodePage> bySize : pages) {
            CodePage page = bySize.remove(physical);
            if (page != null) {
                held -= page.size();
                page.clear();
            }
        }
    }

    /** Forgets everything. */
    void clear() {
        for (Map<Long, CodePage> bySize : pages) {
            bySize.values().forEach(CodePage::clear);
            bySize.clear();
        }
        held = 0;
    }

    /** Number of the instruction at an offset, which is decoded, with what follows it, if it was not. */
    int slot(CodePage page, int offset) {
        int slot = page.slots[offset];
        return slot != 0 ? slot - 1 : decode(page, offset);
    }

    private int decode(CodePage page, int offset) {
        int before = page.size();
        int first = decodeWindow(page, offset);
        held += page.isVoid ? 0 : page.size() - before;
        return first;
    }

    private int decodeWindow(CodePage page, int offset) {
        int end = Math.min(offset + WINDOW, (int) GuestMemory.PAGE_SIZE);
        code.mark(page.physical, offset, end, member);
        long host = memory.readableHost(page.physical);
        for (int n = offset; n < end; n++) {
            octets[n] = RawMemory.getByte(host + n);
        }
        int first = page.used;
        int at = offset;
        boolean more = true;
        while (more && at < end && page.slots[at] == 0) {
            Instruction i = new Instruction();
            Outcome outcome = decoder.decode(page.codeSize, octets, at, end, i);
            if (outcome != Outcome.DECODED) {
                boolean cutByWindow = outcome == Outcome.TRUNCATED && end < GuestMemory.PAGE_SIZE;
                int slot = page.add((cutByWindow ? Op.LEAVE : Op.STRADDLE) | at << 16, 0, 0, 0);
                page.slots[at] = (short) (cutByWindow ? 0 : 1 + slot);
                return first;
            }
            more = add(page, i, at);
            at += i.length();
        }
        if (more && at >= end) {
            page.add(at >= GuestMemory.PAGE_SIZE ? Op.END : Op.LEAVE | at << 16, 0, 0, 0);
        } else if (more) {
            page.add(Op.GOTO | at << 16, 0, at, 0);
        }
        return first;
    }

    /** Adds an instruction; whether something may follow it. */
    private boolean add(CodePage page, Instruction i, int offset) {
        packer.pack(i, page.codeSize, offset);
        int op = packer.w0 & Op.MASK;
        int w3 = op == Op.GENERAL || op == Op.GENERAL_ENDS ? page.addGeneral(i) : packer.w3;
        page.slots[offset] = (short) (1 + page.add(packer.w0, packer.w1, packer.w2, w3));
        return op != Op.GENERAL_ENDS && op != Op.JMP && op != Op.RET && op != Op.JMP_R && op != Op.JMP_M;
    }
}
