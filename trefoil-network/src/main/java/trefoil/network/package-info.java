/** The network that servers share with the host: one bridge a network, names and leases by dnsmasq, the way out by nftables. */
package trefoil.network;
