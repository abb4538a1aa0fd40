/**
 * The network that servers share with the host: one bridge a network, names and leases by dnsmasq, the way out by
 * nftables.
 *
 * <p>{@link trefoil.network.Networks} is the only way in. Following one call downwards:
 *
 * <ul>
 *   <li>{@code up}: {@code HostForwarding} turns the host into a router, rtnetlink makes the bridge, {@code Ruleset}
 *       writes the two nftables tables that {@code NftTool} loads in one transaction, {@code Dnsmasq} starts.
 *   <li>{@code attach}: one netlink batch makes the veth pair, one configures its inner end, one puts the server's
 *       addresses into the sets of the guard ({@code PortGuard}); dnsmasq sees two new files. No process is started.
 *   <li>{@code attachTap}: the same for a virtual machine, at whose cable's end there is a process instead of a namespace ({@code Taps}).
 *   <li>{@code forwards}: {@code PublishedPorts} checks them, {@code Ruleset} writes them.
 * </ul>
 *
 * <p>Table {@code inet trefoil} isolates networks from each other, masquerades and publishes ports. Table
 * {@code bridge trefoil} holds the guard: what a server sends is dropped unless it carries the server's own hardware
 * and IP addresses, and no server can play router or DHCP server. What exists is known from small files below the run
 * directory ({@code NetworkRecords}), so a daemon that restarts, or whose rules somebody flushed, restores all of it.
 *
 * <p>Trust: a server's administrator is hostile. All that limits a server is attached to the host's end of its cable;
 * nothing inside its namespace or its machine is relied on.
 */
package trefoil.network;
