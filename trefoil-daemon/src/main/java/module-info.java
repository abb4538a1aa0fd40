/**
 * The daemon: REST API, operations, events, ledger of resources, lifecycle of servers.
 *
 * <p>Run it with {@code --enable-native-access=trefoil.linux,org.xerial.sqlitejdbc}: SQLite's driver loads its own library.
 */
module trefoil.daemon {
    requires trefoil.api;
    requires trefoil.container;
    requires trefoil.image;
    requires trefoil.linux;
    requires trefoil.network;
    requires trefoil.vmm;
    requires java.logging;
    requires java.sql;
    requires jdk.net;
    requires org.eclipse.jetty.server;
    requires org.eclipse.jetty.unixdomain.server;
    requires org.eclipse.jetty.websocket.api;
    requires org.eclipse.jetty.websocket.server;
    requires org.xerial.sqlitejdbc;

    // Jetty finds the methods of a WebSocket's listener by a public lookup, which sees only what is exported to all.
    exports trefoil.daemon.resource;

    provides io.avaje.jsonb.spi.JsonbExtension with trefoil.daemon.database.jsonb.GeneratedJsonComponent;
}
