/** Several processors at once: the order of their accesses, locked operations, code that changes under them, and what they send one another. {@code -Dtrefoil.softcpu.longer=N} does everything N times as often. */
package trefoil.softcpu.several;
