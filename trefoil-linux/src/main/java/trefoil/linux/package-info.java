/**
 * Linux for the rest of Trefoil. One method per system call with its man-page name, in a package per area
 * ({@code mount}, {@code process}, {@code netlink} …); errors are {@link trefoil.linux.ErrnoException}s that carry the
 * call, its arguments and the error number; descriptors are {@link trefoil.linux.FileDescriptor}s that close once.
 *
 * <p>All of it rests on one downcall, {@link trefoil.linux.call.Syscall}, which is not exported.
 */
package trefoil.linux;
