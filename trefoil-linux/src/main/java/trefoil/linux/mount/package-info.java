/**
 * Mounts by descriptor: the calls of Linux 5.2 and later that make a file system (fsopen(2), fsconfig(2), fsmount(2)),
 * copy a part of the tree (open_tree(2)) and change it (mount_setattr(2)) without giving it a place. Such a
 * <em>detached</em> mount is seen by nobody but the holder of its descriptor and dissolves when that closes, so a
 * failure half-way leaves nothing mounted.
 */
package trefoil.linux.mount;
