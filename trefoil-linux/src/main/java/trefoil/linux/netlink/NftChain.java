package trefoil.linux.netlink;

/**
 * A base chain of nf_tables: one that the kernel calls at a hook.
 *
 * @param family {@link NftBatch#INET}, {@link NftBatch#IPV4}, {@link NftBatch#IPV6}, {@link NftBatch#BRIDGE} or another
 * @param table its table
 * @param name its name
 * @param hook number of the hook within the family; {@link #FORWARD} and the like in the IP families
 * @param drops whether its policy is drop
 */
public record NftChain(int family, String table, String name, int hook, boolean drops) {
    /** NF_INET_LOCAL_IN: packets for this host. */
    public static final int INPUT = 1;
    /** NF_INET_FORWARD: packets that this host passes on. */
    public static final int FORWARD = 2;
}
