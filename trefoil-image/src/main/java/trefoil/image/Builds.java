package trefoil.image;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import trefoil.image.ImageException.Reason;
import trefoil.image.busybox.BusyboxBuild;
import trefoil.image.debian.DebianBuild;
import trefoil.image.debian.DebianSuite;
import trefoil.image.store.Intake;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.At;

/**
 * The images that Trefoil knows how to build. Whoever asks for one that is being built joins that build; it ends early
 * when everybody who asked for it has been interrupted. Thread-safe: a build is guarded by its own monitor.
 */
final class Builds {
    /** Opens a way into the store. */
    @FunctionalInterface
    interface Intakes {
        Intake open() throws ImageException;
    }

    @FunctionalInterface
    private interface Recipe {
        StoredImage run(Intake intake, Progress progress) throws IOException;
    }

    private final Intakes intakes;
    private final Map<String, Build> running = new ConcurrentHashMap<>();

    Builds(Intakes intakes) {
        this.intakes = intakes;
    }

    /** Builds {@code name}, or waits for whoever builds it already. */
    StoredImage build(String name, Progress progress) throws ImageException {
        String key;
        Recipe recipe;
        if (name.equals("busybox")) {
            key = name;
            recipe = (intake, told) -> new BusyboxBuild(intake, told).run();
        } else if (name.startsWith("debian:")) {
            DebianSuite suite = DebianSuite.of(name.substring("debian:".length()));
            key = "debian:" + suite.codeName();
            recipe = (intake, told) -> new DebianBuild(intake, suite, told).run();
        } else {
            throw new ImageException(
                    Reason.NOT_FOUND,
                    "there is no image " + At.readable(At.raw(name)) + ", and Trefoil does not know how to build it",
                    "it builds debian:12 (or another release) and busybox; bring others with: trefoil image import FILE",
                    null);
        }
        Build build = running.compute(key, (k, there) -> there != null && there.join(progress) ? there : start(k, recipe, progress));
        return build.await(progress);
    }

    private Build start(String key, Recipe recipe, Progress progress) {
        Build build = new Build(key, recipe);
        build.join(progress);
        build.thread.start();
        return build;
    }

    /** One build, on a platform thread of its own: its tools die with their starter's thread, so that must not be a pooled one. */
    private final class Build {
        private final String key;
        private final Recipe recipe;
        private final Thread thread;
        private final List<Progress> listeners = new CopyOnWriteArrayList<>();
        private StoredImage image;
        private ImageException failure;
        private boolean ended;
        private boolean cancelled;

        Build(String key, Recipe recipe) {
            this.key = key;
            this.recipe = recipe;
            this.thread = Thread.ofPlatform().name("build " + key).daemon().unstarted(this::run);
        }

        /** Whether one may still wait for it. */
        synchronized boolean join(Progress progress) {
            if (ended || cancelled) {
                return false;
            }
            return listeners.add(progress);
        }

        private void run() {
            StoredImage built = null;
            ImageException failed = null;
            try (Intake intake = intakes.open()) {
                built = recipe.run(intake, (phase, done, total, unit) -> listeners.forEach(l -> l.at(phase, done, total, unit)));
            } catch (IOException e) {
                failed = Refusal.of(key, e);
            } catch (RuntimeException | Error e) {
                failed = new ImageException(Reason.SOURCE_FAILED, "the build of " + key + " failed: " + e, null, e);
            }
            running.remove(key, this);
            end(built, failed);
        }

        private synchronized void end(StoredImage built, ImageException failed) {
            image = failed == null ? built : null;
            failure = failed;
            ended = true;
            notifyAll();
        }

        synchronized StoredImage await(Progress progress) throws ImageException {
            boolean left = false;
            while (!ended) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    left = true;
                    if (!leave(progress)) {
                        break;
                    }
                }
            }
            if (left) {
                Thread.currentThread().interrupt();
                throw new ImageException(Reason.SOURCE_FAILED, "the build of " + key + " was cancelled", null, failure);
            }
            if (failure != null) {
                throw new ImageException(failure.reason(), failure.getMessage(), failure.next(), failure);
            }
            return image;
        }

        /** Whether nobody is left, so that the build ends; whoever is last waits until nothing of it is left either. */
        private boolean leave(Progress progress) {
            listeners.remove(progress);
            if (listeners.isEmpty()) {
                cancelled = true;
                thread.interrupt();
            }
            return cancelled;
        }
    }
}
