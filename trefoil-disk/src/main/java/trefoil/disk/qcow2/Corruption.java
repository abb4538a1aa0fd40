package trefoil.disk.qcow2;

import trefoil.disk.IoFailure;
import trefoil.machine.IoStatus;

/** The image contradicts itself. */
final class Corruption extends IoFailure {
    private static final long serialVersionUID = 1L;

    Corruption(String message) {
        super(IoStatus.IO_ERROR, message);
    }
}
