package trefoil.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The options of the token bucket filter, {@code linux/pkt_sched.h}:
 *
 * <pre>{@code
 * struct tc_ratespec { u8 cell_log, linklayer; u16 overhead; s16 cell_align; u16 mpu; u32 rate; };
 * struct tc_tbf_qopt { struct tc_ratespec rate, peakrate; u32 limit, buffer, mtu; };
 * }</pre>
 *
 * The link layer is given as Ethernet, so the kernel computes times itself and needs none of the old rate tables; the
 * burst goes in bytes (TCA_TBF_BURST), so no clock ticks are involved either.
 */
final class TokenBucketDescriptor {
    private static final int TCA_TBF_PARMS = 1;
    private static final int TCA_TBF_RATE64 = 4;
    private static final int TCA_TBF_BURST = 6;
    private static final int TC_LINKLAYER_ETHERNET = 1;
    private static final long UINT_MAX = 0xffff_ffffL;

    private TokenBucketDescriptor() {}

    static void put(NetlinkBatch batch, long bytesPerSecond, int burst, int limit) {
        byte[] parameters = new byte[36];
        ByteBuffer view = ByteBuffer.wrap(parameters).order(ByteOrder.nativeOrder());
        view.put(1, (byte) TC_LINKLAYER_ETHERNET);
        view.putInt(8, (int) Math.min(bytesPerSecond, UINT_MAX));
        view.putInt(24, limit);
        batch.attribute(TCA_TBF_PARMS, parameters);
        if (bytesPerSecond > UINT_MAX) {
            batch.attribute64(TCA_TBF_RATE64, bytesPerSecond);
        }
        batch.attribute32(TCA_TBF_BURST, burst);
    }
}
