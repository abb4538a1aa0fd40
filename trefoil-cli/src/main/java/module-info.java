/** The {@code trefoil} command. */
module trefoil.cli {
    requires trefoil.client;
    requires jdk.unsupported;
}
