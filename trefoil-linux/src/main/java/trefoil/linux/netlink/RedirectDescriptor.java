package trefoil.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The options of a u32 classifier that matches every packet and hands it to another device, {@code linux/pkt_cls.h},
 * {@code linux/tc_act/tc_mirred.h}:
 *
 * <pre>{@code
 * struct tc_u32_sel { u8 flags, offshift, nkeys; be16 offmask; u16 off; s16 offoff, hoff; be32 hmask; struct tc_u32_key keys[]; };
 * struct tc_u32_key { be32 mask, val; s32 off, offmask; };
 * struct tc_mirred  { u32 index, capab; s32 action, refcnt, bindcnt, eaction; u32 ifindex; };
 * }</pre>
 */
final class RedirectDescriptor {
    private static final int TCA_U32_SEL = 5;
    private static final int TCA_U32_ACT = 7;
    private static final int TC_U32_TERMINAL = 1;
    private static final int TCA_ACT_KIND = 1;
    private static final int TCA_ACT_OPTIONS = 2;
    private static final int TCA_MIRRED_PARMS = 2;
    private static final int TC_ACT_STOLEN = 4;
    private static final int TCA_EGRESS_REDIR = 1;

    private RedirectDescriptor() {}

    static void put(NetlinkBatch batch, int toIndex) {
        byte[] selector = new byte[32]; // one key of mask 0: matches all
        selector[0] = TC_U32_TERMINAL;
        selector[2] = 1;
        batch.attribute(TCA_U32_SEL, selector);
        batch.open(TCA_U32_ACT);
        batch.open(1); // the first action
        batch.attribute(TCA_ACT_KIND, "mirred");
        batch.open(TCA_ACT_OPTIONS);
        batch.attribute(TCA_MIRRED_PARMS, mirred(toIndex));
        batch.close();
        batch.close();
        batch.close();
    }

    private static byte[] mirred(int toIndex) {
        byte[] parameters = new byte[28];
        ByteBuffer view = ByteBuffer.wrap(parameters).order(ByteOrder.nativeOrder());
        view.putInt(8, TC_ACT_STOLEN);
        view.putInt(20, TCA_EGRESS_REDIR);
        view.putInt(24, toIndex);
        return parameters;
    }
}
