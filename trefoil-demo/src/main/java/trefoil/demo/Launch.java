package trefoil.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.Operation;
import trefoil.api.Progress;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.client.TrefoilClient;

/** One exhibit on its way to usable. Run on a thread of its own; the results are read when that has ended. */
final class Launch implements Runnable {
    private static final Duration BOOT_LIMIT = Duration.ofMinutes(5);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final ServerConfig config;
    private final Optional<Server> existing;
    private final TrefoilClient client;
    private final Board board;
    private ApiError error;

    private Launch(ServerConfig config, Optional<Server> existing, TrefoilClient client, Board board) {
        this.config = config;
        this.existing = existing;
        this.client = client;
        this.board = board;
    }

    static Launch of(Exhibit exhibit, List<Server> servers, TrefoilClient client, Board board) {
        Optional<Server> existing = exhibit.among(servers);
        ServerConfig config = existing.isPresent() ? existing.get().config() : exhibit.config(servers);
        return new Launch(config, existing, client, board);
    }

    @Override
    public void run() {
        try {
            Optional<Operation> operation = begin();
            if (operation.isPresent()) {
                Operation ended = client.await(operation.get(), null, now -> board.show(name(), now.progress()));
                error = ended.error();
            }
            if (error == null && existing.isPresent()) {
                awaitUsable();
            }
            board.done(name(), error == null ? "usable" : "failed");
        } catch (ApiException e) {
            error = e.error();
            board.done(name(), "failed");
        } catch (IOException e) {
            error = new ApiError("internal", 500, "the daemon does not answer: " + e.getMessage(), "trefoil doctor", null);
            board.done(name(), "failed");
        } catch (InterruptedException e) {
            error = new ApiError("timeout", 504, "waiting for " + name() + " was interrupted", null, null);
        }
    }

    /** A server that was there already is started by an operation that ends before it has booted. */
    private void awaitUsable() throws IOException, InterruptedException {
        long end = System.nanoTime() + BOOT_LIMIT.toNanos();
        board.show(name(), new Progress("waiting until it is usable", 0, 0, ""));
        while (!client.server(name()).usable()) {
            if (System.nanoTime() - end > 0) {
                error = new ApiError("timeout", 504, name() + " runs and is not usable after " + BOOT_LIMIT.toSeconds() + " s",
                        "trefoil logs " + name(), null);
                return;
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    /** Asks for what is missing between now and running; empty when it runs. */
    private Optional<Operation> begin() throws IOException {
        if (existing.isEmpty()) {
            return Optional.of(client.create(config, true, "usable"));
        }
        ServerStatus status = existing.get().status();
        return switch (status) {
            case RUNNING -> Optional.empty();
            case PAUSED -> Optional.of(client.changeState(name(), new StateChange("resume", null, null)));
            case STOPPED, ERROR -> Optional.of(client.changeState(name(), new StateChange("start", null, null)));
        };
    }

    String name() {
        return config.name();
    }

    boolean succeeded() {
        return error == null;
    }

    /** Says what went wrong, if anything did. */
    void report(PrintStream messages) {
        if (error != null) {
            messages.println(name() + ":");
            Main.print(error, messages);
        }
    }
}
