/** What the host lacks for Trefoil, and the command that mends it. */
package trefoil.daemon.doctor;
