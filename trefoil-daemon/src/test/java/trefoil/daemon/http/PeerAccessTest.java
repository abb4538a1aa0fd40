package trefoil.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.api.ApiException;

/** Who is let in. */
class PeerAccessTest {
    @TempDir
    Path temporary;

    private PeerAccess access(String groups) throws IOException {
        return new PeerAccess(Files.writeString(temporary.resolve("group"), groups));
    }

    @Test
    void membersAreLetInOthersAreNot() throws IOException {
        PeerAccess access = access("root:x:0:eve\ntrefoil:x:990:ada,bob\nxtrefoil:x:991:mal\n");
        assertThat(access.allowed("ada", "ada")).isTrue();
        assertThat(access.allowed("bob", "users")).isTrue();
        assertThat(access.allowed("carol", "trefoil")).isTrue();
        assertThat(access.allowed("eve", "eve")).isFalse();
        assertThat(access.allowed("mal", "mal")).isFalse();
        assertThat(access.allowed("ad", "ad")).isFalse();
        assertThat(access("root:x:0:\n").allowed("ada", "ada")).isFalse();
        assertThat(access("trefoil:x:990:\n").allowed("", "")).isFalse();
    }

    @Test
    void kernelSaysWhoConnected() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")) && isRoot(), "needs root and setpriv to connect as somebody else");
        Path socket = temporary.resolve("s");
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
            PeerAccess access = access("trefoil:x:990:\n");
            try (SocketChannel self = SocketChannel.open(UnixDomainSocketAddress.of(socket)); SocketChannel peer = server.accept()) {
                access.check(peer);
                assertThat(self.isConnected()).isTrue();
            }
            Process nobody = new ProcessBuilder(
                            "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "perl", "-MIO::Socket::UNIX", "-e",
                            "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; read $s, my $b, 1", socket.toString())
                    .start();
            try (SocketChannel peer = server.accept()) {
                assertThatThrownBy(() -> access.check(peer))
                        .isInstanceOfSatisfying(ApiException.class, e -> {
                            assertThat(e.error().status()).isEqualTo(403);
                            assertThat(e.error().message()).contains("nobody");
                            assertThat(e.error().next()).contains("usermod -aG trefoil nobody");
                        });
            }
            assertThat(nobody.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }
}
