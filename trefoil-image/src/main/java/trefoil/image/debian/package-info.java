/**
 * Images built from the Debian archive.
 *
 * <p>Mirrors, keys and options are the host's own: {@link trefoil.image.debian.AptSources} reads its apt configuration,
 * {@code mmdebstrap(1)} runs apt with it, and apt verifies the signed {@code Release} and from there every package
 * (apt-secure(8)). {@link trefoil.image.debian.DebianBuild} takes the archive that comes out through the same unpacker as
 * a stranger's. What makes a server of it is one shell script, the resource {@code customize.sh}: console, network,
 * identity, masked units.
 *
 * <p>The build runs in a pid and mount namespace of its own that dies with the thread that started it, so that neither a
 * cancelled operation nor a killed daemon leaves processes or mounts.
 */
package trefoil.image.debian;
