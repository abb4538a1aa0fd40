package trefoil.pc.boot;

import java.io.IOException;

/** Unpacks Zstandard frames (RFC 8878), which this module cannot. */
@FunctionalInterface
public interface ZstdDecoder {
    /**
     * @param size bytes that come out
     * @throws IOException what is packed is damaged
     */
    byte[] decode(byte[] packed, int size) throws IOException;
}
