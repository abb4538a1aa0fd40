/**
 * Waiting for many descriptors at once: {@code epoll(7)}. One thread that waits here serves every console, every process
 * descriptor or every connection, so that a thousand idle servers cost no thread each. {@code poll(2)} serves a thread that has
 * work of its own for a few descriptors, and saves it the change of threads.
 */
package trefoil.linux.event;
