/**
 * The state of a machine's devices and processors as one file. Every device has {@code state()}, which answers with a record, and {@code restore(State)}; a
 * {@link trefoil.machine.snapshot.Snapshot} is a tree of such records, each at a path ({@code pc/pit}, {@code cpu/0}), with a binary form that describes itself: fields have names, so that a file can be
 * read without the classes that wrote it, and a record that has changed since is noticed and named.
 *
 * <p>A state record is public, in an exported package, and made of booleans, integers, floating point numbers, strings, enums, arrays of primitive types, lists and arrays, other such
 * records, and sealed interfaces of them. Nothing is null. Guest memory is not in it: that is the business of whoever saves the machine.
 */
package trefoil.machine.snapshot;
