package trefoil.image;

import trefoil.image.store.Intake;

/** The images that Trefoil knows how to build. */
final class Builds {
    @FunctionalInterface
    interface Intakes {
        Intake open() throws ImageException;
    }

    Builds(Intakes intakes) {}

    StoredImage build(String name, Progress progress) throws ImageException {
        throw new ImageException(ImageException.Reason.SOURCE_FAILED, "builds are not written yet", null, null);
    }
}
