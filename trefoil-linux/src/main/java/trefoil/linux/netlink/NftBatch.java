package trefoil.linux.netlink;

/**
 * One transaction of nf_tables: all of it takes effect, or nothing ({@code linux/netfilter/nf_tables.h},
 * {@code linux/netfilter/nfnetlink.h}). It knows set elements only; whole rule sets are the {@code nft} tool's.
 */
public final class NftBatch extends NetlinkBatch {
    /** Netfilter family of tables that see IPv4 and IPv6. */
    public static final int INET = 1;
    /** Netfilter family of tables that see IPv4. */
    public static final int IPV4 = 2;
    /** Netfilter family of tables that see what passes a bridge. */
    public static final int BRIDGE = 7;
    /** Netfilter family of tables that see IPv6. */
    public static final int IPV6 = 10;

    static final int NFNL_SUBSYS_NFTABLES = 10 << 8;
    static final int NFT_MSG_NEWCHAIN = NFNL_SUBSYS_NFTABLES | 3;
    static final int NFT_MSG_GETCHAIN = NFNL_SUBSYS_NFTABLES | 4;
    private static final int NFT_MSG_NEWSETELEM = NFNL_SUBSYS_NFTABLES | 12;
    private static final int NFT_MSG_DELSETELEM = NFNL_SUBSYS_NFTABLES | 14;
    private static final int NFNL_MSG_BATCH_BEGIN = 16;
    private static final int NFNL_MSG_BATCH_END = 17;
    private static final int NFTA_SET_ELEM_LIST_TABLE = 1;
    private static final int NFTA_SET_ELEM_LIST_SET = 2;
    private static final int NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    private static final int NFTA_LIST_ELEM = 1;
    private static final int NFTA_SET_ELEM_KEY = 1;
    private static final int NFTA_DATA_VALUE = 1;

    private boolean ended;

    /** An empty transaction. */
    public NftBatch() {
        begin(NFNL_MSG_BATCH_BEGIN, 0, "begin nf_tables transaction");
        header(0, NFNL_SUBSYS_NFTABLES >>> 8);
    }

    void header(int family, int resource) {
        putByte(family);
        putByte(0);
        putByte(resource >>> 8);
        putByte(resource);
    }

    /**
     * Puts an element into a set; one that is there already stays.
     *
     * @param key the key's bytes in network order; the parts of a concatenation each padded to 4 bytes
     */
    public NftBatch addElement(int family, String table, String set, byte[] key) {
        begin(NFT_MSG_NEWSETELEM, NLM_F_CREATE, "add an element to set " + set + " of table " + table);
        element(family, table, set, key);
        return this;
    }

    /** Takes an element out of a set; the transaction fails with ENOENT when it is not there. */
    public NftBatch deleteElement(int family, String table, String set, byte[] key) {
        begin(NFT_MSG_DELSETELEM, 0, "delete an element of set " + set + " of table " + table);
        element(family, table, set, key);
        return this;
    }

    private void element(int family, String table, String set, byte[] key) {
        header(family, 0);
        attribute(NFTA_SET_ELEM_LIST_TABLE, table);
        attribute(NFTA_SET_ELEM_LIST_SET, set);
        open(NFTA_SET_ELEM_LIST_ELEMENTS);
        open(NFTA_LIST_ELEM);
        open(NFTA_SET_ELEM_KEY);
        attribute(NFTA_DATA_VALUE, key);
        close();
        close();
        close();
    }

    @Override
    byte[] bytes(int base) {
        if (!ended) {
            acknowledge(); // the last change; the end of the batch is answered by newer kernels only
            begin(NFNL_MSG_BATCH_END, 0, "commit nf_tables transaction");
            header(0, NFNL_SUBSYS_NFTABLES >>> 8);
            ended = true;
        }
        return super.bytes(base);
    }
}
