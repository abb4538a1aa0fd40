/**
 * How a machine's process is controlled from outside: a Unix socket of whole messages (SOCK_SEQPACKET, unix(7)). The server's side runs in the machine's process ({@link ControlServer} for a {@link Controlled}), the client's
 * in the daemon ({@link ControlClient}). A connection carries one request and its answer, or one command with its streams ({@link RemoteCommand}). So neither side keeps a state of the other: a daemon may be killed and replaced
 * at any time. Descriptors of tap interfaces come along with the request that begins the machine (SCM_RIGHTS), since the machine's process itself could not open them.
 */
package trefoil.vmm.control;
