/**
 * Files whose content is made at the moment somebody reads them, without FUSE and without a process per reader.
 *
 * <p>A small tmpfs carries a fanotify(7) mark for {@code FAN_ACCESS_PERM}: a read(2) of one of its files, by whomever and
 * through whichever bind mount in whichever namespaces, waits until the daemon's answering thread has rewritten the
 * content and allowed the read. Nobody reads, nothing runs. A reader in a loop costs the daemon nothing either: for a
 * tenth of a second after each rewriting the kernel does not ask for that file.
 *
 * <p>When the daemon dies the kernel closes the group and allows every waiting read: the content is then merely old. The
 * next daemon marks the file system again. {@link trefoil.linux.fanotify.MadeOnRead} is the mechanism,
 * {@link trefoil.linux.fanotify.PermissionGroup} the system calls. Needs CAP_SYS_ADMIN and
 * CONFIG_FANOTIFY_ACCESS_PERMISSIONS.
 */
package trefoil.linux.fanotify;
