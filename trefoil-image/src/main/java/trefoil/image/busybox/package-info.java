/**
 * The tiny image: BusyBox from Debian's package busybox-static, with an init, a console and a DHCP client. The package is
 * fetched and verified by the host's apt; the few files around it are the resource folder {@code busybox}.
 */
package trefoil.image.busybox;
