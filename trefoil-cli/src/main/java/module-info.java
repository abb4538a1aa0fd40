/** The {@code trefoil} command. */
module trefoil.cli {
    requires trefoil.client;
    requires info.picocli;
    requires jdk.unsupported;

    opens trefoil.cli.command to
            info.picocli;
}
