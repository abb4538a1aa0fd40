/**
 * Waiting for many descriptors at once: {@code epoll(7)}. One thread that waits here serves every console, every process
 * descriptor or every connection, so that a thousand idle servers cost no thread each.
 */
package trefoil.linux.event;
