/** The {@code trefoil} command. */
module trefoil.cli {
    requires trefoil.client;
    requires info.picocli;

    opens trefoil.cli.command to
            info.picocli;
}
