/**
 * Benchmarks. {@code trefoil bench os}: how long, how much CPU and how much memory a server costs under Trefoil and under the peers
 * that are installed.
 *
 * <p>What makes the figures comparable: every {@link trefoil.benchmarks.Contender} runs the same command on the same
 * root file system, at the isolation that {@link trefoil.benchmarks.Peers} gives it and the report names; all take turns
 * in the same rounds, in an order drawn anew for each round, so that a busy moment of the machine hits all alike; and a
 * run counts only when it exited with 0 and wrote what it should. Trefoil is measured through its daemon's API, as
 * {@link trefoil.benchmarks.TrefoilContender} says. A daemon of the benchmark's own on a directory of its own does the
 * work: servers of the machine's own daemon are not touched.
 *
 * <p>What does not: peers are command lines that start cold each time, and Trefoil's daemon is warm. That is what an
 * administrator meets with either, and the report says so.
 *
 * <p>{@code trefoil bench boot}: how long a virtual machine takes to boot, in turn with QEMU's translator. What makes these comparable: {@link trefoil.benchmarks.Guest} is read from the command line of a machine's process
 * that the daemon started, and both boot that kernel with that command line, initial RAM disk, memory and disk; {@link trefoil.benchmarks.ConsoleWatch} takes the time when the same line comes on the serial
 * console; both processes start cold.
 */
package trefoil.benchmarks;
