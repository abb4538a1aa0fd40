package trefoil.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** OCI image layouts for tests; every field can be falsified before it is written. */
final class OciLayout {
    final Map<String, byte[]> files = new LinkedHashMap<>();
    private final List<String> layers = new ArrayList<>();
    final List<String> diffIds = new ArrayList<>();
    String configMembers = "\"Cmd\":[\"sh\"],\"Entrypoint\":[\"/bin/tool\",\"-x\"],\"Env\":[\"PATH=/bin\",\"A=b=c\"],\"WorkingDir\":\"/srv\",\"User\":\"app\"";
    String architecture = "amd64";
    String os = "linux";
    String platform = "";

    static String sha256(byte[] data) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    String blob(byte[] data) {
        String hex = sha256(data);
        files.put("blobs/sha256/" + hex, data);
        return "\"digest\":\"sha256:" + hex + "\",\"size\":" + data.length;
    }

    /** A layer as it lies in the blob, and its uncompressed form. */
    OciLayout layer(byte[] packed, byte[] tar, String suffix) {
        layers.add("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar" + suffix + "\"," + blob(packed) + "}");
        diffIds.add("\"sha256:" + sha256(tar) + "\"");
        return this;
    }

    OciLayout layer(Rootfs rootfs) {
        byte[] tar = rootfs.tar();
        return layer(tar, tar, "");
    }

    String manifest() {
        String config = "{\"architecture\":\"" + architecture + "\",\"os\":\"" + os + "\",\"config\":{" + configMembers
                + "},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + String.join(",", diffIds) + "]}}";
        return "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"," + blob(utf8(config))
                + "},\"layers\":[" + String.join(",", layers) + "]}";
    }

    String descriptor(String platformMembers) {
        return "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"," + blob(utf8(manifest()))
                + (platformMembers.isEmpty() ? "" : ",\"platform\":{" + platformMembers + "}") + "}";
    }

    OciLayout index(String... descriptors) {
        files.put("oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
        files.put("index.json", utf8("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", descriptors) + "]}"));
        return this;
    }

    OciLayout whole() {
        return index(descriptor(platform));
    }

    Path directory(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return directory;
    }

    byte[] archive() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
                TarArchiveEntry e = new TarArchiveEntry(file.getKey());
                e.setSize(file.getValue().length);
                tar.putArchiveEntry(e);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }
}
