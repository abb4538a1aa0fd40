/** Work that takes longer than a request should: it runs in the background, says where it stands, and is remembered for five minutes after its end. */
package trefoil.daemon.operation;
