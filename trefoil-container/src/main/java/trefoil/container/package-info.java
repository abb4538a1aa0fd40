/**
 * The container engine: OS-level virtual servers isolated by the host's own kernel, with no hypervisor.
 *
 * <p>{@code Spec -> Plan (host operations, child operations) -> run}: a {@link trefoil.container.ContainerSpec} becomes
 * a plan, data that can be printed ({@code trefoil explain}) and tested without root, and the plan is run: the daemon
 * makes every mount detached and by descriptor, the keeper clones a child that only attaches, pivots, drops and execs.
 */
package trefoil.container;
