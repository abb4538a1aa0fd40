/**
 * Exceptions: {@link trefoil.x86.exception.Vector vectors} with their class and error code, and which of two together make a double fault (Intel SDM Vol. 3, chapter 6).
 */
package trefoil.x86.exception;
