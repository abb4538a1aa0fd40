/**
 * Parts of a machine that stand still and keep a record, for tests of devices: a clock that goes when it is told, lines and sinks that remember. A test programs a chip by
 * its registers, advances {@link trefoil.machine.fake.ManualClock}, and looks at what {@link trefoil.machine.fake.ProbeLine} has seen.
 */
package trefoil.machine.fake;
