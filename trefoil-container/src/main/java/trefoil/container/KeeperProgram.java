package trefoil.container;

import java.nio.charset.StandardCharsets;
import trefoil.linux.process.Clone;
import trefoil.linux.program.Call;
import trefoil.linux.program.Data;
import trefoil.linux.program.Operand;
import trefoil.linux.program.Operation;
import trefoil.linux.program.Operation.Label;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.program.StaticElf;
import trefoil.linux.program.SyscallProgram;

/**
 * The keeper's program: a fork server, a store of descriptors and, because it never reaps a child unasked, the place
 * where exit statuses survive the daemon (wait(2): a zombie keeps them).
 *
 * <p>It serves one connection at a time. A request is one message of {@link #REQUEST} bytes with descriptors, a reply one
 * of {@link #REPLY} bytes: the result (negative: an errno), then a {@code siginfo_t}. While nobody is connected it waits
 * in epoll and writes what containers print on their consoles to a file each, so that no guest ever blocks on its
 * console; RLIMIT_FSIZE bounds those files.
 *
 * <p>Its descriptors have fixed numbers. Kept ones lie at {@link #FIRST_KEPT} and above, so that the kernel, which gives
 * the lowest free numbers, receives those of a request at {@link #FIRST_RECEIVED} and above, in order.
 */
final class KeeperProgram {
    /** Raised when a request changes its meaning, but for {@link #ABOUT}, which every version answers alike. */
    static final int VERSION = 2;

    static final String SOCKET = "keeper.sock";
    static final String PROCESS_NAME = "trefoil-keeper";

    static final int RUN = 1;
    static final int KEEP = 2;
    static final int DROP = 3;
    static final int REAP = 4;
    static final int ABOUT = 5;
    static final int RETIRE = 6;

    static final int FIRST_RECEIVED = 9;
    static final int FIRST_KEPT = 256;

    static final int REQUEST = 208;
    static final int RUN_CLONE_ARGS = 8;
    static final int RUN_PID_NAMESPACE = 96;
    static final int RUN_OFFSETS_LENGTH = 104;
    static final int RUN_PROGRAM = 112;
    static final int RUN_LENGTH = 120;
    static final int RUN_ADDRESS = 128;
    static final int RUN_OFFSETS = 136;
    static final int MOST_OFFSETS = REQUEST - RUN_OFFSETS;

    static final int REPLY = 8 + 128;
    static final int REPLY_SIGINFO = 8;

    /** Most bytes of a file that console output is written to while no daemon runs. */
    static final long MISSED_OUTPUT = 1 << 20;

    private static final int LISTENER = 3;
    private static final int EPOLL = 4;
    private static final int OWN_PID_NAMESPACE = 5;
    private static final int OWN_TIME_NAMESPACE = 6;
    private static final int TIME_OFFSETS = 7;
    private static final int CONNECTION = 8;
    private static final long ALL = 0xFFFF_FFFFL;
    private static final int AT_FDCWD = -100;
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int O_WRONLY_CLOEXEC = 0x80001;
    private static final int O_RDWR = 2;
    private static final int DRAIN = 4096;
    private static final int CONTROL = 16 + 4 * 254;
    private static final int SIGNAL_SET = 8;
    private static final int LAST_SIGNAL = 64;
    private static final int SIG_SETMASK = 2;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NAME = 15;
    private static final int RLIMIT_FSIZE = 1;
    private static final int AF_UNIX = 1;
    private static final int SEQPACKET_CLOEXEC = 0x80005;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final long EPOLLIN = 1;
    private static final long EPOLLIN_EDGE = 0x8000_0001L;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int P_PID = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_FIXED_NOREPLACE = 0x10_0001;
    private static final int BOOT_FAILED = 111;
    private static final int CHILD_FAILED = 112;

    private final SyscallProgram program = new SyscallProgram("keeper");
    private final Data request = program.zeros("request", REQUEST);
    private final Data reply = program.zeros("reply", REPLY);
    private final Data header = program.zeros("msghdr", 56);
    private final Data fileSizeLimit = program.zeros("old RLIMIT_FSIZE", 16);
    private final Data event = program.zeros("epoll_event", 16);
    private final Data kept = program.zeros("kept", 24);
    private final Label idle = program.label("idle");
    private final Label serve = program.label("serve");
    private final Label answer = program.label("answer");

    private final int version;

    private KeeperProgram(int version) {
        this.version = version;
    }

    /** The keeper, laid out as a program file. */
    static ProgramImage image(int version) {
        return new KeeperProgram(version).build();
    }

    private ProgramImage build() {
        detach();
        listen();
        becomeQuiet();
        waitForWork();
        serveConnection();
        answer();
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, BOOT_FAILED);
        return program.at(StaticElf.base());
    }

    private void detach() {
        program.call("leave the session of whoever started it", Call.SETSID).tolerant();
        program.call("keep others out of its memory", Call.PRCTL, PR_SET_DUMPABLE, 0, 0, 0, 0);
        program.call("name itself", Call.PRCTL, PR_SET_NAME, program.string(PROCESS_NAME), 0, 0, 0);
        Data everySignal = program.zeros("every signal", SIGNAL_SET).put(0, -1L);
        program.call("block every signal", Call.RT_SIGPROCMASK, SIG_SETMASK, everySignal, 0, SIGNAL_SET);
        Data defaultAction = program.zeros("SIG_DFL", 32);
        Label each = program.here("each signal");
        Operation reset = program.call("no signal stays ignored", Call.RT_SIGACTION, 1, defaultAction, 0, SIGNAL_SET)
                .tolerant();
        Operation count = program.call("next signal", Call.LOAD, reset.argument(0));
        Operation plusOne = program.call("next signal", Call.ADD, 0, 1).to(reset, 0);
        count.to(plusOne, 0);
        Operation compare = program.call("next signal", Call.LOAD, reset.argument(0));
        Label done = program.label("all signals");
        Operation more = program.call("past the last?", Call.SUBTRACT, 0, LAST_SIGNAL + 1).onError(each).onZero(done);
        compare.to(more, 0);
        program.here(done);
    }

    private void listen() {
        program.call("close what it inherited", Call.CLOSE_RANGE, 3, ALL, 0);
        program.call("listening socket", Call.SOCKET, AF_UNIX, SEQPACKET_CLOEXEC, 0);
        byte[] path = (SOCKET + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] address = new byte[2 + path.length];
        address[0] = AF_UNIX;
        System.arraycopy(path, 0, address, 2, path.length);
        program.call("only for root", Call.UMASK, 0177);
        program.call("its name", Call.BIND, LISTENER, program.data("\"" + SOCKET + "\"", address), address.length);
        program.call("usual mode of files", Call.UMASK, 022);
        program.call("listen", Call.LISTEN, LISTENER, 16);
        program.call("hold no directory", Call.CHDIR, program.string("/"));
        program.call("epoll", Call.EPOLL_CREATE1, 0x80000);
        keepPlace(program.call("own pid namespace", Call.OPENAT, AT_FDCWD, program.string("/proc/self/ns/pid"), O_RDONLY_CLOEXEC, 0));
        keepPlace(program.call("own time namespace", Call.OPENAT, AT_FDCWD, program.string("/proc/self/ns/time"), O_RDONLY_CLOEXEC, 0));
        keepPlace(program.call("clock offsets of children", Call.OPENAT, AT_FDCWD, program.string("/proc/self/timens_offsets"), O_WRONLY_CLOEXEC, 0));
        Data listening = program.zeros("listener's epoll_event", 16).put(0, EPOLLIN);
        program.call("wait for connections", Call.EPOLL_CTL, EPOLL, EPOLL_CTL_ADD, LISTENER, listening);
    }

    /** A kernel without it gets another descriptor in its place, so that the numbers after it stay as they are. */
    private void keepPlace(Operation open) {
        Label absent = program.label("absent");
        Label after = program.label("after");
        open.onError(absent).then(after);
        program.here(absent);
        program.call("hold the number", Call.FCNTL, LISTENER, F_DUPFD_CLOEXEC, 0);
        program.here(after);
    }

    /** Ends with closing standard output: whoever started it reads end of file and knows that it listens. */
    private void becomeQuiet() {
        program.call("old limit", Call.PRLIMIT64, 0, RLIMIT_FSIZE, 0, fileSizeLimit);
        Data limit = program.zeros("RLIMIT_FSIZE", 16).put(0, MISSED_OUTPUT);
        program.call("hard limit as it was", Call.LOAD, fileSizeLimit.at(8)).to(limit.at(8)).tolerant();
        program.call("bound files of missed console output", Call.PRLIMIT64, 0, RLIMIT_FSIZE, limit, 0);
        program.call("standard files", Call.OPENAT, AT_FDCWD, program.string("/dev/null"), O_RDWR, 0);
        for (int i = 0; i < 3; i++) {
            program.call("standard file " + i, Call.DUP3, CONNECTION, i, 0);
        }
        program.call("standard files", Call.CLOSE, CONNECTION);
    }

    private void waitForWork() {
        program.here(idle);
        program.call("wait", Call.EPOLL_WAIT, EPOLL, event, 1, -1).onError(idle).onZero(idle);
        Label accept = program.label("accept");
        Operation which = program.call("what is ready", Call.LOAD32, event.at(4)).onZero(accept);
        Operation read = program.call("missed console output", Call.READ, 0, program.zeros("buffer", DRAIN), DRAIN)
                .onError(idle)
                .onZero(idle);
        which.to(read, 0);
        Operation log = program.call("its file", Call.LOAD32, event.at(8)).onZero(idle);
        Operation write = program.call("keep it", Call.WRITE, 0, read.arguments().get(1), 0)
                .onError(idle)
                .onZero(idle)
                .then(idle);
        read.to(write, 2);
        log.to(write, 0);
        program.here(accept);
        program.call("accept", Call.ACCEPT4, LISTENER, 0, 0, 0x80000).onError(idle);
    }

    private void serveConnection() {
        Label hangUp = program.label("hang up");
        Data vector = program.zeros("iovec", 16).put(0, request.address()).put(8, REQUEST);
        Data control = program.zeros("control", CONTROL);
        header.put(16, vector.address()).put(24, 1).put(32, control.address());
        program.here(serve);
        program.call("room for descriptors", Call.STORE, header.at(40), CONTROL);
        program.call("next request", Call.RECVMSG, CONNECTION, header, MSG_CMSG_CLOEXEC).onError(hangUp).onZero(hangUp);
        String[] names = {"run", "keep", "drop", "reap", "about", "retire"};
        Label[] handlers = new Label[names.length];
        Operation before = program.call("which request", Call.LOAD, request.at(0)).onError(hangUp).onZero(hangUp);
        for (int i = 0; i < names.length; i++) {
            handlers[i] = program.label(names[i]);
            Operation test = program.call(names[i] + "?", Call.SUBTRACT, 0, 1).onError(hangUp).onZero(handlers[i]);
            before.to(test, 0);
            before = test;
        }
        program.call("unknown request", Call.STORE, reply.at(0), -38 /* ENOSYS */).onError(answer);
        program.here(hangUp);
        program.call("hang up", Call.CLOSE_RANGE, CONNECTION, FIRST_KEPT - 1, 0).onError(idle).then(idle);
        run(handlers[0]);
        keep(handlers[1]);
        drop(handlers[2]);
        reap(handlers[3]);
        program.here(handlers[4]);
        program.call("version", Call.STORE, reply.at(0), version).then(answer);
        program.here(handlers[5]);
        program.call("retire", Call.EXIT_GROUP, 0);
    }

    private void answer() {
        program.here(answer);
        program.call("drop received descriptors", Call.CLOSE_RANGE, FIRST_RECEIVED, FIRST_KEPT - 1, 0).tolerant();
        program.call("reply", Call.SENDTO, CONNECTION, reply, REPLY, MSG_NOSIGNAL, 0, 0).onError(serve).then(serve);
    }

    private void run(Label handler) {
        Label child = program.label("child");
        Label clocks = program.label("clocks");
        Label fork = program.label("fork");
        Label restore = program.label("restore");
        program.here(handler);
        Operation namespace = program.call("enter a pid namespace?", Call.LOAD, request.at(RUN_PID_NAMESPACE)).onZero(clocks);
        Operation enter = program.call("children's pid namespace", Call.SETNS, 0, Clone.NEWPID).onError(answer).to(reply.at(0));
        namespace.to(enter, 0);
        program.here(clocks);
        Operation length = program.call("own clocks?", Call.LOAD, request.at(RUN_OFFSETS_LENGTH)).onZero(fork);
        program.call("children's time namespace", Call.UNSHARE, Clone.NEWTIME).onError(fork);
        program.call("at its beginning", Call.LSEEK, TIME_OFFSETS, 0, 0).tolerant();
        Operation offsets = program.call("clock offsets", Call.WRITE, TIME_OFFSETS, request.at(RUN_OFFSETS), 0).tolerant();
        length.to(offsets, 2);
        program.here(fork);
        program.call("fork", Call.CLONE3, request.at(RUN_CLONE_ARGS), Clone.ARGS_SIZE)
                .to(reply.at(0))
                .onError(restore)
                .onZero(child);
        program.here(restore);
        program.call("own pid namespace", Call.SETNS, OWN_PID_NAMESPACE, Clone.NEWPID).tolerant();
        program.call("own time namespace", Call.SETNS, OWN_TIME_NAMESPACE, Clone.NEWTIME).onError(answer).then(answer);
        child(child);
    }

    private void child(Label child) {
        Label giveUp = program.label("child gives up");
        program.here(child);
        Operation address = program.call("program's address", Call.LOAD, request.at(RUN_ADDRESS));
        Operation length = program.call("program's length", Call.LOAD, request.at(RUN_LENGTH));
        Operation file = program.call("program's file", Call.LOAD, request.at(RUN_PROGRAM));
        Operation map = program.call("map the program", Call.MMAP, 0, 0, PROT_READ_WRITE, MAP_SHARED_FIXED_NOREPLACE, 0, 0)
                .onError(giveUp);
        address.to(map, 0);
        length.to(map, 1);
        file.to(map, 4);
        program.call("limit of files as it was", Call.PRLIMIT64, 0, RLIMIT_FSIZE, fileSizeLimit, 0).onError(giveUp);
        Operation where = program.call("first operation", Call.LOAD, request.at(RUN_ADDRESS));
        Operation jump = program.call("begin", Call.ADD, 0, 1);
        where.to(jump.successor());
        program.here(giveUp);
        program.call("child gives up", Call.EXIT_GROUP, CHILD_FAILED);
    }

    /** Received: record file, console master, file for missed output, devpts. Their new numbers go to the record file. */
    private void keep(Label handler) {
        Label undoMaster = program.label("undo master");
        Label undoLog = program.label("undo log");
        Label undoDevpts = program.label("undo devpts");
        Data watched = program.zeros("console's epoll_event", 16).put(0, EPOLLIN_EDGE);
        program.here(handler);
        duplicate("console", 1, answer);
        duplicate("file of missed output", 2, undoMaster);
        duplicate("devpts", 3, undoLog);
        program.call("console", Call.LOAD, kept.at(0)).to(watched.at(4));
        program.call("its file", Call.LOAD, kept.at(8)).to(watched.at(8));
        Operation number = program.call("console", Call.LOAD, kept.at(0));
        Operation watch = program.call("watch the console", Call.EPOLL_CTL, EPOLL, EPOLL_CTL_ADD, 0, watched)
                .to(reply.at(0))
                .onError(undoDevpts);
        number.to(watch, 2);
        program.call("record the numbers", Call.PWRITE64, FIRST_RECEIVED, kept, kept.size(), 0)
                .to(reply.at(0))
                .onError(undoDevpts)
                .then(answer);
        program.here(undoDevpts);
        close("devpts", kept.at(16)).then(undoLog);
        program.here(undoLog);
        close("file of missed output", kept.at(8)).then(undoMaster);
        program.here(undoMaster);
        close("console", kept.at(0)).onError(answer).then(answer);
    }

    private void duplicate(String what, int received, Label undo) {
        program.call("keep the " + what, Call.FCNTL, FIRST_RECEIVED + received, F_DUPFD_CLOEXEC, FIRST_KEPT)
                .to(reply.at(0))
                .onError(undo);
        program.call("its number", Call.LOAD, reply.at(0)).to(kept.at(8 * (received - 1)));
    }

    private Operation close(String what, Operand.InData number) {
        Operation load = program.call("number of the " + what, Call.LOAD, number);
        Operation close = program.call("close the " + what, Call.CLOSE, 0).tolerant();
        load.to(close, 0);
        return close;
    }

    private void drop(Label handler) {
        program.here(handler);
        Operation number = program.call("console", Call.LOAD, request.at(8));
        Operation forget = program.call("watch it no more", Call.EPOLL_CTL, EPOLL, EPOLL_CTL_DEL, 0, event)
                .to(reply.at(0))
                .onError(answer);
        number.to(forget, 2);
        close("console", request.at(8));
        close("file of missed output", request.at(16));
        close("devpts", request.at(24)).onError(answer).then(answer);
    }

    private void reap(Label handler) {
        program.here(handler);
        Operation pid = program.call("whom", Call.LOAD, request.at(8));
        Operation flags = program.call("reap or look", Call.LOAD, request.at(16));
        Operation reap = program.call("reap", Call.WAITID, P_PID, 0, reply.at(REPLY_SIGINFO), 0, 0)
                .to(reply.at(0))
                .onError(answer)
                .then(answer);
        pid.to(reap, 1);
        flags.to(reap, 3);
    }
}
