package trefoil.linux.netlink;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.ErrnoException;

/** nf_tables of one network namespace: that of the thread that opened it, for life. Thread-safe. */
public final class NftSocket implements AutoCloseable {
    private static final int NETLINK_NETFILTER = 12;
    private static final int NFTA_CHAIN_TABLE = 1;
    private static final int NFTA_CHAIN_NAME = 3;
    private static final int NFTA_CHAIN_HOOK = 4;
    private static final int NFTA_CHAIN_POLICY = 5;
    private static final int NFTA_HOOK_HOOKNUM = 1;
    private static final int NF_DROP = 0;
    private static final int NF_ACCEPT = 1;

    private final NetlinkSocket socket;

    private NftSocket(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** A socket in the calling thread's network namespace. */
    public static NftSocket open() throws ErrnoException {
        return new NftSocket(NetlinkSocket.open(NETLINK_NETFILTER, "NETLINK_NETFILTER"));
    }

    /**
     * Commits the transaction.
     *
     * @throws ErrnoException why nothing was changed; ENOENT when the table, set or element is not there
     */
    public void run(NftBatch batch) throws ErrnoException {
        socket.run(batch);
    }

    /** All base chains of all families. */
    public List<NftChain> baseChains() throws ErrnoException {
        NetlinkBatch request = new NetlinkBatch();
        request.begin(NftBatch.NFT_MSG_GETCHAIN, NetlinkBatch.NLM_F_DUMP, "list nf_tables chains");
        request.putInt(0); // struct nfgenmsg of family 0: all
        List<NftChain> chains = new ArrayList<>();
        socket.dump(request, chains::clear, (type, payload) -> addChain(chains, type, payload));
        return chains;
    }

    private static void addChain(List<NftChain> chains, int type, ByteBuffer payload) {
        if (type != NftBatch.NFT_MSG_NEWCHAIN || payload.remaining() < 4) {
            return;
        }
        int family = Byte.toUnsignedInt(payload.get(payload.position()));
        payload.position(payload.position() + 4);
        Attributes attributes = new Attributes(payload);
        int hook = attributes.nested(NFTA_CHAIN_HOOK).bigEndian32(NFTA_HOOK_HOOKNUM, -1);
        if (hook >= 0) {
            chains.add(new NftChain(family, attributes.string(NFTA_CHAIN_TABLE), attributes.string(NFTA_CHAIN_NAME),
                    hook, attributes.bigEndian32(NFTA_CHAIN_POLICY, NF_ACCEPT) == NF_DROP));
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
