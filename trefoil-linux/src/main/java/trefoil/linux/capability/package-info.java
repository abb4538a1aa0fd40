/** Capabilities, capabilities(7): their numbers, sets of them as bit masks, and which ones root inside a container holds. */
package trefoil.linux.capability;
