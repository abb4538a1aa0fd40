package trefoil.linux.zstd;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** The functions of {@code zstd.h} that streams need, linked on first use. Thread-safe; contexts are not. */
@SuppressWarnings("restricted") // this module is the one with native access
final class Zstd {
    /** {@code ZSTD_d_windowLogMax}: frames that ask for more memory are refused. 27 is the library's own default (128 MiB). */
    static final int WINDOW_LOG_MAX = 27;

    private static final int ZSTD_D_WINDOW_LOG_MAX = 100;
    private static final int ZSTD_C_COMPRESSION_LEVEL = 100;
    private static final int ZSTD_C_CHECKSUM_FLAG = 201;

    private final MethodHandle createDecoder;
    private final MethodHandle freeDecoder;
    private final MethodHandle decode;
    private final MethodHandle setDecoder;
    private final MethodHandle createEncoder;
    private final MethodHandle freeEncoder;
    private final MethodHandle encode;
    private final MethodHandle setEncoder;
    private final MethodHandle isError;
    private final MethodHandle errorName;

    private Zstd(SymbolLookup library) {
        createDecoder = link(library, "ZSTD_createDCtx", FunctionDescriptor.of(ADDRESS));
        freeDecoder = link(library, "ZSTD_freeDCtx", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
        decode = link(library, "ZSTD_decompressStream", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS));
        setDecoder = link(library, "ZSTD_DCtx_setParameter", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT));
        createEncoder = link(library, "ZSTD_createCCtx", FunctionDescriptor.of(ADDRESS));
        freeEncoder = link(library, "ZSTD_freeCCtx", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
        encode = link(
                library, "ZSTD_compressStream2", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
        setEncoder = link(library, "ZSTD_CCtx_setParameter", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT));
        isError = link(library, "ZSTD_isError", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
        errorName = link(
                library,
                "ZSTD_getErrorName",
                FunctionDescriptor.of(
                        ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(256, java.lang.foreign.ValueLayout.JAVA_BYTE)),
                        JAVA_LONG));
    }

    private static final class Library {
        static final Zstd ZSTD = load();

        private static Zstd load() {
            try {
                return new Zstd(SymbolLookup.libraryLookup("libzstd.so.1", Arena.global()));
            } catch (IllegalArgumentException absent) {
                return null;
            }
        }
    }

    /** The library, or an exception that names the Debian package that has it. */
    static Zstd library() throws IOException {
        if (Library.ZSTD == null) {
            throw new IOException("libzstd.so.1 is not on this host; install it: apt-get install libzstd1");
        }
        return Library.ZSTD;
    }

    private static MethodHandle link(SymbolLookup library, String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type);
    }

    MemorySegment newDecoder() throws IOException {
        try {
            MemorySegment context = (MemorySegment) createDecoder.invokeExact();
            refuseNull(context);
            checked((long) setDecoder.invokeExact(context, ZSTD_D_WINDOW_LOG_MAX, WINDOW_LOG_MAX));
            return context;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    MemorySegment newEncoder(int level) throws IOException {
        try {
            MemorySegment context = (MemorySegment) createEncoder.invokeExact();
            refuseNull(context);
            checked((long) setEncoder.invokeExact(context, ZSTD_C_COMPRESSION_LEVEL, level));
            checked((long) setEncoder.invokeExact(context, ZSTD_C_CHECKSUM_FLAG, 1));
            return context;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static void refuseNull(MemorySegment context) throws IOException {
        if (context.address() == 0) {
            throw new IOException("zstd: no memory for a context");
        }
    }

    void freeDecoder(MemorySegment context) throws IOException {
        try {
            checked((long) freeDecoder.invokeExact(context));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void freeEncoder(MemorySegment context) throws IOException {
        try {
            checked((long) freeEncoder.invokeExact(context));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** {@code ZSTD_decompressStream}: 0 when a frame is complete and flushed, else a hint greater than 0. */
    long decode(MemorySegment context, MemorySegment out, MemorySegment in) throws IOException {
        try {
            return checked((long) decode.invokeExact(context, out, in));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** {@code ZSTD_compressStream2}: bytes still to be flushed. {@code directive}: 0 continue, 1 flush, 2 end. */
    long encode(MemorySegment context, MemorySegment out, MemorySegment in, int directive) throws IOException {
        try {
            return checked((long) encode.invokeExact(context, out, in, directive));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private long checked(long result) throws IOException {
        try {
            if ((int) isError.invokeExact(result) != 0) {
                MemorySegment name = (MemorySegment) errorName.invokeExact(result);
                throw new IOException("zstd: " + name.getString(0, StandardCharsets.US_ASCII));
            }
            return result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static IOException unexpected(Throwable e) {
        return switch (e) {
            case IOException known -> known;
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            default -> throw new AssertionError("a downcall throws nothing checked", e);
        };
    }
}
