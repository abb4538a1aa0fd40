/** The state of a processor between two instructions, as a record that any engine can give and take: for snapshots, for crash reports, and to begin with. */
package trefoil.x86.state;
