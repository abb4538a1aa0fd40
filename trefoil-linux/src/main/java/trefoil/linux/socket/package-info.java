/** Unix sockets that keep message boundaries and carry descriptors: unix(7), SOCK_SEQPACKET, SCM_RIGHTS. */
package trefoil.linux.socket;
