package trefoil.pc.nvme;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import trefoil.machine.GuestMemory;

/** Administrative commands (NVMe 1.4, chapter 5). Used in the worker's turn. */
final class AdminCommands {
    /** No result: the command is held. */
    static final long HELD = -1;

    private static final int DELETE_SUBMISSION = 0x00;
    private static final int CREATE_SUBMISSION = 0x01;
    private static final int GET_LOG = 0x02;
    private static final int DELETE_COMPLETION = 0x04;
    private static final int CREATE_COMPLETION = 0x05;
    private static final int IDENTIFY = 0x06;
    private static final int ABORT = 0x08;
    private static final int SET_FEATURES = 0x09;
    private static final int GET_FEATURES = 0x0A;
    private static final int EVENT_REQUEST = 0x0C;

    private static final int TEMPERATURE_WARNING = 0x02;
    private static final int READ_ONLY_WARNING = 0x08;
    private static final int CONTIGUOUS = 1;
    private static final int INTERRUPTS = 2;
    private static final int RETAIN = 1 << 15;
    private static final int SUBMISSION_SHIFT = 6;
    private static final int COMPLETION_SHIFT = 4;

    private final GuestMemory memory;
    private final Identity identity;
    private final Queues queues;
    private final Features features;
    private final AsyncEvents events;
    private final HealthLog log;
    private final IntSupplier configuration;
    private final BooleanSupplier msix;

    /**
     * @param configuration CC
     * @param msix whether MSI-X is enabled
     */
    AdminCommands(GuestMemory memory, Identity identity, Queues queues, Features features, AsyncEvents events, HealthLog log, IntSupplier configuration, BooleanSupplier msix) {
        this.memory = memory;
        this.identity = identity;
        this.queues = queues;
        this.features = features;
        this.events = events;
        this.log = log;
        this.configuration = configuration;
        this.msix = msix;
    }

    /** DW0 of the completion, or {@link #HELD}. */
    long execute(Command command) throws CommandFault {
        command.checkFlags();
        return switch (command.opcode()) {
            case DELETE_SUBMISSION -> deleteSubmission(command);
            case CREATE_SUBMISSION -> createSubmission(command);
            case GET_LOG -> getLog(command);
            case DELETE_COMPLETION -> deleteCompletion(command);
            case CREATE_COMPLETION -> createCompletion(command);
            case IDENTIFY -> identify(command);
            case ABORT -> abort(command);
            case SET_FEATURES -> setFeatures(command);
            case GET_FEATURES -> features.get(command) & 0xFFFF_FFFFL;
            case EVENT_REQUEST -> request(command);
            default -> throw new CommandFault(Status.INVALID_OPCODE);
        };
    }

    // ---- queues (5.3 to 5.6) ----

    private static int queue(Command command) {
        return command.dw10() & 0xFFFF;
    }

    private static int size(Command command) throws CommandFault {
        int size = (command.dw10() >>> 16) + 1;
        CommandFault.unless(size >= 2 && size <= Queues.MOST_ENTRIES, Status.INVALID_QUEUE_SIZE);
        return size;
    }

    private void checkNew(int id, boolean taken) throws CommandFault {
        CommandFault.unless(id != 0 && id <= features.pairs() && !taken, Status.INVALID_QUEUE_ID);
    }

    private void checkPlace(Command command, int size, int shift, boolean written) throws CommandFault {
        CommandFault.unless((command.dw11() & CONTIGUOUS) != 0, Status.INVALID_FIELD);
        CommandFault.unless((command.prp1() & DataPointer.PAGE - 1) == 0, Status.PRP_OFFSET_INVALID);
        CommandFault.unless(queues.isInMemory(command.prp1(), size, 1 << shift, written), Status.DATA_TRANSFER_ERROR);
    }

    private long createCompletion(Command command) throws CommandFault {
        int id = queue(command);
        checkNew(id, queues.hasCompletion(id));
        int size = size(command);
        CommandFault.unless((configuration.getAsInt() >>> 20 & 15) == COMPLETION_SHIFT, Status.INVALID_QUEUE_SIZE);
        int vector = command.dw11() >>> 16;
        CommandFault.unless(vector <= (msix.getAsBoolean() ? Queues.PAIRS : 0), Status.INVALID_VECTOR);
        checkPlace(command, size, COMPLETION_SHIFT, true);
        queues.addCompletion(id, command.prp1(), size, (command.dw11() & INTERRUPTS) != 0, vector);
        return 0;
    }

    private long createSubmission(Command command) throws CommandFault {
        int id = queue(command);
        checkNew(id, queues.hasSubmission(id));
        int size = size(command);
        CommandFault.unless((configuration.getAsInt() >>> 16 & 15) == SUBMISSION_SHIFT, Status.INVALID_QUEUE_SIZE);
        int completion = command.dw11() >>> 16;
        CommandFault.unless(completion != 0 && completion <= features.pairs(), Status.INVALID_QUEUE_ID);
        CommandFault.unless(queues.hasCompletion(completion), Status.COMPLETION_QUEUE_INVALID);
        checkPlace(command, size, SUBMISSION_SHIFT, false);
        queues.addSubmission(id, command.prp1(), size, completion);
        return 0;
    }

    private long deleteSubmission(Command command) throws CommandFault {
        int id = queue(command);
        CommandFault.unless(id != 0 && queues.hasSubmission(id), Status.INVALID_QUEUE_ID);
        queues.removeSubmission(id);
        return 0;
    }

    private long deleteCompletion(Command command) throws CommandFault {
        int id = queue(command);
        CommandFault.unless(id != 0 && queues.hasCompletion(id), Status.INVALID_QUEUE_ID);
        CommandFault.unless(queues.removeCompletion(id), Status.INVALID_QUEUE_DELETION);
        return 0;
    }

    // ---- identify (5.15) ----

    private long identify(Command command) throws CommandFault {
        byte[] data = switch (command.dw10() & 0xFF) {
            case 0 -> only(command, identity.namespace());
            case 1 -> identity.controller();
            case 2 -> list(command.namespace());
            case 3 -> only(command, identity.descriptors());
            case 6 -> commandSet(command);
            default -> throw new CommandFault(Status.INVALID_FIELD);
        };
        DataPointer.of(memory, command, Identity.LENGTH).store(data);
        return 0;
    }

    private static byte[] only(Command command, byte[] data) throws CommandFault {
        CommandFault.unless(command.namespace() == 1, Status.INVALID_NAMESPACE);
        return data;
    }

    /** Of the NVM command set, which is 0. */
    private byte[] commandSet(Command command) throws CommandFault {
        CommandFault.unless(command.dw11() >>> 24 == 0, Status.INVALID_FIELD);
        return identity.commandSet();
    }

    private byte[] list(int above) throws CommandFault {
        CommandFault.unless(Integer.compareUnsigned(above, 0xFFFF_FFFE) < 0, Status.INVALID_NAMESPACE);
        return identity.namespaces(above);
    }

    // ---- logs (5.14) ----

    private long getLog(Command command) throws CommandFault {
        int number = command.dw10() & 0xFF;
        byte[] page = log.page(number, warnings());
        CommandFault.unless(page != null, Status.INVALID_LOG_PAGE);
        CommandFault.unless(command.namespace() == 0 || command.namespace() == Command.ALL_NAMESPACES, Status.INVALID_FIELD);
        long words = (command.dw11() & 0xFFFFL) << 16 | command.dw10() >>> 16;
        long length = 4 * (words + 1);
        long offset = command.dw12() & 0xFFFF_FFFFL | (long) command.dw13() << 32;
        CommandFault.unless(length <= Identity.MOST_DATA && (offset & 3) == 0 && offset >= 0 && offset <= page.length, Status.INVALID_FIELD);
        DataPointer.of(memory, command, length).store(Arrays.copyOfRange(page, (int) offset, (int) (offset + length)));
        if ((command.dw10() & RETAIN) == 0) {
            log.taken(number);
            events.readLog(number);
        }
        return 0;
    }

    private int warnings() {
        return (features.isBeyond(Identity.KELVIN) ? TEMPERATURE_WARNING : 0) | (identity.isReadOnly() ? READ_ONLY_WARNING : 0);
    }

    // ---- features, events, abort ----

    private long setFeatures(Command command) throws CommandFault {
        long result = features.set(command, queues.hasPairs()) & 0xFFFF_FFFFL;
        if ((warnings() & features.events() & TEMPERATURE_WARNING) != 0) {
            events.raise(AsyncEvents.Event.TEMPERATURE);
        }
        return result;
    }

    private long request(Command command) throws CommandFault {
        events.hold(command.id());
        return HELD;
    }

    /** 5.1: only requests for events last long enough to be aborted. Bit 0 of the result: it was not. */
    private long abort(Command command) {
        boolean aborted = queue(command) == 0 && events.abort(command.dw10() >>> 16);
        return aborted ? 0 : 1;
    }
}
