/** Processes by descriptor: pidfd_open(2), pidfd_send_signal(2), and the constants of clone3(2), setns(2), prctl(2). */
package trefoil.linux.process;
