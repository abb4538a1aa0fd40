/**
 * Zstandard (RFC 8878) through {@code libzstd.so.1}, which every Debian has because dpkg depends on it. Streams only:
 * memory is bounded by the window, which is limited to 2^27 bytes when decompressing, whatever a frame asks for.
 */
package trefoil.linux.zstd;
