/** What happened, told to whoever listens: in order, numbered, and never with one left out. */
package trefoil.daemon.event;
