/**
 * Segments: {@link trefoil.x86.segment.Descriptor descriptors} of code, data, system segments and gates, {@link trefoil.x86.segment.Selector selectors}, and the layout of task-state
 * segments (Intel SDM Vol. 3, chapters 3, 5, 6.14 and 8).
 */
package trefoil.x86.segment;
