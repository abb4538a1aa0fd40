/** The table of all commands and the overview that is printed from it. Completion scripts and "did you mean" read it too. */
package trefoil.cli.catalogue;
