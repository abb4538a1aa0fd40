package trefoil.disk.qcow2;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import trefoil.linux.zstd.ZstdInputStream;
import trefoil.linux.zstd.ZstdOutputStream;

/** How clusters are compressed, by the number that the header has for it: raw deflate, or a Zstandard frame. */
public enum Compression {
    ZLIB {
        @Override
        byte[] decompress(byte[] compressed, int clusterSize) throws IOException {
            byte[] cluster = new byte[clusterSize];
            try (Inflater inflater = new Inflater(true)) {
                inflater.setInput(compressed);
                int done = 0;
                while (done < clusterSize) {
                    int n = inflater.inflate(cluster, done, clusterSize - done);
                    if (n == 0) {
                        throw new Corruption("a compressed cluster is too short");
                    }
                    done += n;
                }
                return cluster;
            } catch (DataFormatException e) {
                throw new Corruption("a compressed cluster cannot be decompressed: " + e.getMessage());
            }
        }

        @Override
        Optional<byte[]> compress(byte[] cluster) {
            byte[] into = new byte[cluster.length];
            try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
                deflater.setInput(cluster);
                deflater.finish();
                int n = deflater.deflate(into);
                return deflater.finished() && n < cluster.length ? Optional.of(Arrays.copyOf(into, n)) : Optional.empty();
            }
        }
    },
    ZSTD {
        @Override
        byte[] decompress(byte[] compressed, int clusterSize) throws IOException {
            byte[] cluster;
            try (ZstdInputStream in = new ZstdInputStream(new ByteArrayInputStream(compressed))) {
                cluster = in.readNBytes(clusterSize);
            } catch (IOException e) {
                throw new Corruption("a compressed cluster cannot be decompressed: " + e.getMessage());
            }
            if (cluster.length < clusterSize) {
                throw new Corruption("a compressed cluster is too short");
            }
            return cluster;
        }

        @Override
        Optional<byte[]> compress(byte[] cluster) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (ZstdOutputStream zstd = new ZstdOutputStream(out, 3)) {
                zstd.write(cluster);
            }
            return out.size() < cluster.length ? Optional.of(out.toByteArray()) : Optional.empty();
        }
    };

    /** A cluster; what follows its compressed form is ignored. */
    abstract byte[] decompress(byte[] compressed, int clusterSize) throws IOException;

    /** Its compressed form, if that is smaller. */
    abstract Optional<byte[]> compress(byte[] cluster) throws IOException;
}
