package trefoil.network;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import trefoil.linux.FileDescriptor;

/** Small conversations over TCP, UDP and DNS between namespaces. A socket belongs to the namespace it is made in. */
final class Talk {
    static final int A = 1;
    static final int AAAA = 28;
    private static final int MILLIS = 700;

    private Talk() {}

    /** A TCP server that answers every caller with its words, until closed. */
    static ServerSocket tcpServer(Sandbox sandbox, FileDescriptor namespace, int port, String words) throws Exception {
        ServerSocket server = sandbox.in(namespace, () -> {
            ServerSocket made = new ServerSocket();
            made.setReuseAddress(true);
            made.bind(new InetSocketAddress("0.0.0.0", port));
            return made;
        });
        Thread.ofPlatform().daemon().start(() -> {
            while (!server.isClosed()) {
                try (Socket caller = server.accept()) {
                    caller.getOutputStream().write((words + " " + caller.getInetAddress().getHostAddress())
                            .getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // closed, or a caller that left: the test sees what it did not get
                }
            }
        });
        return server;
    }

    /** What a TCP server says; empty where none answers in time. */
    static String tcp(Sandbox sandbox, FileDescriptor from, String address, int port) throws Exception {
        return sandbox.in(from, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), MILLIS);
                socket.setSoTimeout(MILLIS);
                try (InputStream in = socket.getInputStream()) {
                    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                }
            } catch (IOException e) {
                return "";
            }
        });
    }

    /** A UDP server that answers each datagram with its words. */
    static DatagramSocket udpServer(Sandbox sandbox, FileDescriptor namespace, int port, String words) throws Exception {
        DatagramSocket server = sandbox.in(namespace, () -> new DatagramSocket(new InetSocketAddress("0.0.0.0", port)));
        Thread.ofPlatform().daemon().start(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[512], 512);
            while (!server.isClosed()) {
                try {
                    server.receive(packet);
                    byte[] answer = words.getBytes(StandardCharsets.UTF_8);
                    server.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                } catch (IOException e) {
                    // closed
                }
            }
        });
        return server;
    }

    static String udp(Sandbox sandbox, FileDescriptor from, String address, int port, byte[] question) throws Exception {
        return new String(exchange(sandbox, from, address, port, question), StandardCharsets.UTF_8);
    }

    private static byte[] exchange(Sandbox sandbox, FileDescriptor from, String address, int port, byte[] question)
            throws Exception {
        return sandbox.in(from, () -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout(MILLIS);
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port));
                socket.send(new DatagramPacket(question, question.length));
                DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
                socket.receive(answer);
                return Arrays.copyOf(answer.getData(), answer.getLength());
            } catch (SocketTimeoutException | PortUnreachableException e) {
                return new byte[0];
            }
        });
    }

    /** The addresses that a name server gives for a name (RFC 1035); empty when it knows none or does not answer. */
    static List<String> resolve(Sandbox sandbox, FileDescriptor from, String server, String name, int type) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (int word : new int[] {0x1234, 0x0100, 1, 0, 0, 0}) {
                out.writeShort(word);
            }
            for (String label : name.split("\\.")) {
                out.writeByte(label.length());
                out.writeBytes(label);
            }
            out.writeByte(0);
            out.writeShort(type);
            out.writeShort(1);
        }
        byte[] answer = exchange(sandbox, from, server, 53, bytes.toByteArray());
        List<String> addresses = new ArrayList<>();
        if (answer.length > bytes.size()) {
            ByteBuffer in = ByteBuffer.wrap(answer);
            int answers = in.getShort(6);
            in.position(bytes.size());
            for (int i = 0; i < answers; i++) {
                in.position(in.position() + 2); // a compressed name
                int kind = in.getShort();
                in.position(in.position() + 6);
                byte[] data = new byte[in.getShort()];
                in.get(data);
                if (kind == type) {
                    addresses.add(Prefix.text(Prefix.of(data)));
                }
            }
        }
        return addresses;
    }
}
