/**
 * What a server lives through, from launch to deletion.
 *
 * <p>{@link trefoil.daemon.lifecycle.Registry} holds an entry for each server. Whoever changes a server first takes the
 * entry's {@link trefoil.daemon.lifecycle.Turn}; a second command waits briefly and is then told who is at work. While
 * a server runs its entry has a {@link trefoil.daemon.lifecycle.Run}, which ends when process 1 does and is watched
 * without the turn. {@link trefoil.daemon.lifecycle.Launch}, {@link trefoil.daemon.lifecycle.Power},
 * {@link trefoil.daemon.lifecycle.Reconfiguration} and {@link trefoil.daemon.lifecycle.Removal} are the commands;
 * {@link trefoil.daemon.lifecycle.Endings} reacts to ends that nobody asked for; {@link trefoil.daemon.lifecycle.Recovery}
 * takes up what an earlier daemon left.
 *
 * <p>Order of locks: a server's turn, the registry's placement, the networks', the database's. Nobody holds two turns.
 *
 * <p>{@link trefoil.daemon.lifecycle.Engine}, {@link trefoil.daemon.lifecycle.ImageShelf} and
 * {@link trefoil.daemon.lifecycle.HostNetworks} are all that the lifecycle knows of what is below.
 */
package trefoil.daemon.lifecycle;
