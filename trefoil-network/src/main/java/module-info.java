/** Bridges, veth pairs, NAT, DHCP and DNS for virtual servers. */
module trefoil.network {
    requires trefoil.linux;

    exports trefoil.network;
}
