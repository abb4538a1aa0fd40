/** {@code trefoil bench}: Trefoil beside its peers, on this machine, now. */
module trefoil.benchmarks {
    requires trefoil.client;
    requires trefoil.disk;
    requires trefoil.linux;
    requires trefoil.vmm;
}
