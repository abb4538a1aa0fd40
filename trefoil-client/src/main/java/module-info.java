/** HTTP and WebSocket client of the daemon's API, over its Unix socket. */
module trefoil.client {
    requires transitive trefoil.api;

    exports trefoil.client;
}
