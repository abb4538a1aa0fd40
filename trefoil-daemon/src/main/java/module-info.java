/** The daemon: REST API, operations, events, ledger of resources, lifecycle of servers. */
module trefoil.daemon {
    requires trefoil.api;
    requires trefoil.container;
    requires trefoil.image;
    requires trefoil.network;
}
