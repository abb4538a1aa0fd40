package trefoil.linux.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that the real kernel runs, as program files. */
class ProgramTest {
    @TempDir
    Path directory;

    private record Run(int status, String output) {}

    private Run run(SyscallProgram program) throws Exception {
        Path file = directory.resolve("program");
        Files.write(file, StaticElf.of(program.at(StaticElf.base())));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        Process process = new ProcessBuilder(file.toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    @Test
    void greets() throws Exception {
        SyscallProgram program = new SyscallProgram("hello");
        program.call("greet", Call.WRITE, 1, program.string("hello\n"), 6);
        program.call("end", Call.EXIT_GROUP, 7);
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, 111);
        assertThat(run(program)).isEqualTo(new Run(7, "hello\n"));
    }

    @Test
    void countsByTheInterpretersOwnOperations() throws Exception {
        SyscallProgram program = new SyscallProgram("count");
        Data count = program.zeros("count", 8);
        Operation.Label again = program.here("again");
        program.call("dot", Call.WRITE, 1, program.string("."), 1);
        Operation load = program.call("count", Call.LOAD, count);
        Operation add = program.call("plus one", Call.ADD, 0, 1).to(count.address());
        load.to(add, 0);
        Operation check = program.call("count", Call.LOAD, count);
        Operation.Label done = program.label("done");
        Operation compare = program.call("five?", Call.SUBTRACT, 0, 5).onError(again).onZero(done);
        check.to(compare, 0);
        program.call("unreached", Call.EXIT_GROUP, 1);
        program.here(done);
        program.call("end", Call.EXIT_GROUP, 0);
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, 111);
        assertThat(run(program)).isEqualTo(new Run(0, "....."));
    }

    @Test
    void loadsSignedHalfWordsAndStoresWords() throws Exception {
        SyscallProgram program = new SyscallProgram("words");
        Data data = program.zeros("data", 16).put(0, 0xFFFF_FFFEL); // as 32 bits: −2
        Operation.Label negative = program.label("negative");
        program.call("half", Call.LOAD32, data).onError(negative);
        program.call("not negative", Call.EXIT_GROUP, 1);
        program.here(negative);
        program.call("end", Call.EXIT_GROUP, 9);
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, 111);
        assertThat(run(program).status()).isEqualTo(9);
        SyscallProgram storing = new SyscallProgram("store");
        Data word = storing.zeros("word", 8);
        storing.call("store", Call.STORE, word, 42);
        Operation load = storing.call("load", Call.LOAD, word);
        Operation leave = storing.call("leave", Call.EXIT_GROUP, 0);
        load.to(leave, 0);
        storing.failHere();
        storing.call("give up", Call.EXIT_GROUP, 111);
        assertThat(run(storing).status()).isEqualTo(42);
    }

    @Test
    void chainsAResultIntoALaterArgument() throws Exception {
        SyscallProgram program = new SyscallProgram("chain");
        Operation open = program.call("open", Call.OPENAT, -100, program.string("/proc/self/comm"), 0, 0);
        Data buffer = program.zeros("buffer", 64);
        Operation read = program.call("read", Call.READ, 0, buffer, 64);
        open.to(read, 0);
        Operation write = program.call("write", Call.WRITE, 1, buffer, 0);
        read.to(write, 2);
        program.call("end", Call.EXIT_GROUP, 0);
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, 111);
        assertThat(run(program)).isEqualTo(new Run(0, "program\n"));
    }

    @Test
    void aFailedOperationGoesToTheFailureExitOrWhereItSays() throws Exception {
        SyscallProgram program = new SyscallProgram("fail");
        program.call("tolerated", Call.CLOSE, 999).tolerant();
        program.call("fatal", Call.CLOSE, 999);
        program.call("unreached", Call.EXIT_GROUP, 0);
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, 111);
        assertThat(run(program).status()).isEqualTo(111);
    }

    @Test
    void theTableTellsWhichOperationFailed() {
        SyscallProgram program = new SyscallProgram("fail");
        Operation tolerated = program.call("tolerated", Call.CLOSE, 999).tolerant();
        Operation fatal = program.call("close it", Call.CLOSE, 999);
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, 111);
        ProgramImage image = program.at(0x1000_0000L);
        byte[] memory = image.bytes();
        assertThat(image.failure(memory)).isEmpty();
        assertThat(ProgramImage.ran(memory, fatal)).isFalse();
        java.nio.ByteBuffer table = java.nio.ByteBuffer.wrap(memory).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        table.putLong(tolerated.offset() + Interpreter.RESULT, -9);
        assertThat(image.failure(memory)).isEmpty();
        table.putLong(fatal.offset() + Interpreter.RESULT, -9);
        assertThat(image.failure(memory)).get().hasToString("close it: close(999): Bad file descriptor (EBADF)");
    }

    @Test
    void printsItself() {
        SyscallProgram program = new SyscallProgram("listing");
        Operation.Label end = program.label("end");
        Operation open = program.call("open it", Call.OPENAT, Operand.of(-100, "AT_FDCWD"), program.string("/x"), 0, 0);
        Operation read = program.call("read it", Call.READ, 0, program.zeros("buffer", 8), 8).tolerant().onZero(end);
        open.to(read, 0);
        program.here(end);
        program.call("end", Call.EXIT_GROUP, 0);
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, 111);
        assertThat(program.at(0x1000_0000L).listing()).isEqualTo("""
                listing
                   0  openat(AT_FDCWD, "/x", 0, 0) -> &1.a0  ; open it
                   1  read(0, buffer, 8), on error go on, on zero 2  ; read it
                   2  exit_group(0)  ; end
                   3  exit_group(111)  ; give up
                """);
    }

    @Test
    void mistakesAreCaughtWhenItIsLaidOut() {
        SyscallProgram unplaced = new SyscallProgram("unplaced");
        unplaced.call("jump", Call.SETSID).then(unplaced.label("nowhere"));
        assertThatThrownBy(() -> unplaced.at(0)).hasMessageContaining("nowhere");
        SyscallProgram open = new SyscallProgram("open end");
        open.failHere();
        open.call("last", Call.SETSID);
        assertThatThrownBy(() -> open.at(0)).hasMessageContaining("nothing follows");
        assertThatThrownBy(() -> open.string("a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> open.call("seven", Call.WRITE, 1, 2, 3, 4, 5, 6, 7)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StaticElf.of(new SyscallProgram("elsewhere").at(0x1000))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theMachineCodeIsAsListed() {
        assertThat(Interpreter.code()).hasSize(0x7B);
        assertThat(Interpreter.entry(StaticElf.base())).startsWith((byte) 0xBB, (byte) 0, (byte) 0, (byte) 0x50, (byte) 0);
        assertThat(List.of(Call.values())).extracting(Call::number).doesNotHaveDuplicates();
    }
}
