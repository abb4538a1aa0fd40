package trefoil.cli.output;

import java.util.List;
import trefoil.api.Image;
import trefoil.cli.value.Size;

/** Columns of images. */
public final class ImageColumns implements Columns<Image> {
    private static final List<String> ALL =
            List.of("alias", "fingerprint", "os", "architecture", "size", "layers", "created", "source", "used-by");
    private static final List<String> STANDARD = List.of("alias", "fingerprint", "os", "architecture", "size", "created");

    @Override
    public List<String> all() {
        return ALL;
    }

    @Override
    public List<String> standard() {
        return STANDARD;
    }

    @Override
    public String cell(Image image, String column) {
        return switch (column) {
            case "alias" -> lines(image.aliases());
            case "fingerprint" -> image.fingerprint().substring(0, Math.min(12, image.fingerprint().length()));
            case "os" -> image.os() == null ? "" : image.os();
            case "architecture" -> image.architecture() == null ? "" : image.architecture();
            case "size" -> Size.show(image.size());
            case "layers" -> image.layers() == null ? "" : Integer.toString(image.layers().size());
            case "created" -> Instants.show(image.created());
            case "source" -> image.source() == null ? "" : image.source();
            default -> lines(image.usedBy());
        };
    }

    private static String lines(List<String> words) {
        return words == null ? "" : String.join("\n", words);
    }
}
