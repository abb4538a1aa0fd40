/** The virtio entropy device (virtio 1.2, 5.4): fills whatever buffer the driver offers. */
package trefoil.virtio.rng;
