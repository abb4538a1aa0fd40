package trefoil.cli.output;

import java.util.List;
import trefoil.api.JsonValue;
import trefoil.cli.value.Size;

/** Columns of images. */
public final class ImageColumns implements Columns {
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
    public String cell(JsonValue image, String column) {
        return switch (column) {
            case "alias" -> Columns.lines(image, "aliases");
            case "fingerprint" -> fingerprint(Columns.text(image, column));
            case "size" -> Size.show(Long.parseLong(image.string("size")));
            case "layers" -> image.member("layers") == null ? "" : Integer.toString(image.member("layers").elements().size());
            case "created" -> Instants.show(Long.parseLong(image.string("created")));
            case "used-by" -> Columns.lines(image, "usedBy");
            default -> Columns.text(image, column);
        };
    }

    private static String fingerprint(String whole) {
        return whole.substring(0, Math.min(12, whole.length()));
    }
}
