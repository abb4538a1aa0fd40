/**
 * Netlink, the kernel's message interface to its network stack ({@code netlink(7)}, {@code rtnetlink(7)}, nf_tables of
 * {@code linux/netfilter/nf_tables.h}).
 *
 * <p>A {@link trefoil.linux.netlink.NetlinkBatch} is a row of messages that go to the kernel in one {@code sendto(2)};
 * {@link trefoil.linux.netlink.RouteBatch} and {@link trefoil.linux.netlink.NftBatch} write the messages of the two
 * families that Trefoil speaks. A socket belongs for life to the network namespace of the thread that opened it,
 * whichever thread uses it later; {@link trefoil.linux.namespace.NetworkNamespace} opens one in another namespace.
 *
 * <p>Two habits of the kernel shape the code: rtnetlink works through all messages of a batch even when one fails and
 * answers each failure, while nf_tables commits the whole batch or nothing. In both, the answer to the last message
 * comes last, so only that one asks for an acknowledgement.
 */
package trefoil.linux.netlink;
