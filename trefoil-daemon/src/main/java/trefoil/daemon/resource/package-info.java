/** The endpoints: one class per kind of resource turns requests into calls of the lifecycle and its results into answers. */
package trefoil.daemon.resource;
