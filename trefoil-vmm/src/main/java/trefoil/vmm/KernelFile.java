package trefoil.vmm;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import trefoil.linux.zstd.ZstdInputStream;
import trefoil.pc.boot.BzImage;
import trefoil.pc.boot.ElfKernel;
import trefoil.pc.boot.KernelException;
import trefoil.pc.boot.KernelUnpacker;

/** Reads a kernel for the PVH entry: an ELF file, or a bzImage from which it is unpacked on the host. */
final class KernelFile {
    private KernelFile() {}

    static ElfKernel read(Path file) throws IOException, KernelException {
        byte[] bytes = BootFile.read(file, "kernel");
        if (ElfKernel.isOne(bytes)) {
            return ElfKernel.parse(bytes);
        }
        return ElfKernel.parse(new KernelUnpacker(KernelFile::zstd).unpack(BzImage.parse(bytes)));
    }

    private static byte[] zstd(byte[] packed, int size) throws IOException {
        try (ZstdInputStream in = new ZstdInputStream(new ByteArrayInputStream(packed))) {
            return in.readNBytes(size);
        }
    }
}
