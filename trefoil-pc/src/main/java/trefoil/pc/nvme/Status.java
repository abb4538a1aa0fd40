package trefoil.pc.nvme;

import trefoil.machine.IoStatus;

/**
 * The status field of a completion (NVMe 1.4, 4.6.1): code in bits 7:0, its type in 10:8, and Do Not Retry in 14. What a guest did wrong will be wrong again; what the host could not do may be tried again.
 */
final class Status {
    static final int DO_NOT_RETRY = 1 << 14;
    static final int SUCCESS = 0;
    static final int INVALID_OPCODE = DO_NOT_RETRY | 0x001;
    static final int INVALID_FIELD = DO_NOT_RETRY | 0x002;
    static final int DATA_TRANSFER_ERROR = DO_NOT_RETRY | 0x004;
    static final int ABORT_REQUESTED = 0x007;
    static final int INVALID_NAMESPACE = DO_NOT_RETRY | 0x00B;
    static final int SEQUENCE_ERROR = DO_NOT_RETRY | 0x00C;
    static final int PRP_OFFSET_INVALID = DO_NOT_RETRY | 0x013;
    static final int WRITE_PROTECTED = DO_NOT_RETRY | 0x020;
    static final int LBA_OUT_OF_RANGE = DO_NOT_RETRY | 0x080;
    static final int CAPACITY_EXCEEDED = 0x081;
    static final int COMPLETION_QUEUE_INVALID = DO_NOT_RETRY | 0x100;
    static final int INVALID_QUEUE_ID = DO_NOT_RETRY | 0x101;
    static final int INVALID_QUEUE_SIZE = DO_NOT_RETRY | 0x102;
    static final int EVENT_LIMIT_EXCEEDED = DO_NOT_RETRY | 0x105;
    static final int INVALID_VECTOR = DO_NOT_RETRY | 0x108;
    static final int INVALID_LOG_PAGE = DO_NOT_RETRY | 0x109;
    static final int INVALID_QUEUE_DELETION = DO_NOT_RETRY | 0x10C;
    static final int FEATURE_NOT_SAVEABLE = DO_NOT_RETRY | 0x10D;
    static final int WRITE_FAULT = 0x280;
    static final int UNRECOVERED_READ = 0x281;
    static final int COMPARE_FAILURE = DO_NOT_RETRY | 0x285;

    private Status() {}

    /** How an operation of the backend ended. */
    static int of(IoStatus status, boolean read) {
        return switch (status) {
            case OK -> SUCCESS;
            case IO_ERROR -> read ? UNRECOVERED_READ : WRITE_FAULT;
            case NO_SPACE -> CAPACITY_EXCEEDED;
            case READ_ONLY -> WRITE_PROTECTED;
            case OUT_OF_RANGE -> LBA_OUT_OF_RANGE;
            case UNSUPPORTED -> INVALID_OPCODE;
        };
    }

    /** Lets OK pass. */
    static void check(IoStatus status, boolean read) throws CommandFault {
        if (status != IoStatus.OK) {
            throw new CommandFault(of(status, read));
        }
    }
}
