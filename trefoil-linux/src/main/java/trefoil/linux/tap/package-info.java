/**
 * Tap interfaces, Documentation/networking/tuntap.rst of the Linux kernel: a network interface whose cable ends in a descriptor of this process. What the host sends by the interface, the process reads, a frame a
 * read; what the process writes, the host receives. A virtual machine's network card is such a cable's end.
 *
 * <p>A persistent interface stays when its descriptor is closed, without carrier, and another process may take it up by its name: so the daemon makes it and puts it on a bridge, and the machine's own process opens
 * it. Each frame is preceded by {@code struct virtio_net_hdr}, so that checksums and segmentation stay undone as long as a frame stays on this host.
 */
package trefoil.linux.tap;
