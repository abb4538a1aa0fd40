/**
 * The undo journal: a change of several steps is all or nothing, whatever kills the daemon in between.
 *
 * <p>Before it acts, a change writes down the {@link trefoil.daemon.journal.Deed}s that it is about to do. When all is
 * done, one transaction both keeps the result and erases the deeds. A change that fails takes its deeds back, last
 * first. A daemon that was killed leaves deeds behind: the next one takes them back before it serves anybody, or, for
 * a deletion, carries them out. So does the next change of the same server or network when deeds could not be taken back
 * at once, because the disk was full, say: what stands in the journal never outlives what it is about. A deed written down may not have been done, or only half; taking back and carrying out
 * are therefore idempotent.
 *
 * <p>{@link trefoil.daemon.journal.Crashpoint} lets tests kill the daemon at every such step.
 */
package trefoil.daemon.journal;
