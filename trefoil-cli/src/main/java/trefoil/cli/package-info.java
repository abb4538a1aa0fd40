/** To be written with the first class here. */
package trefoil.cli;
