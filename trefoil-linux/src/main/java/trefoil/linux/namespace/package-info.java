/** Linux namespaces ({@code namespaces(7)}): entering them without taking the JVM's threads along. */
package trefoil.linux.namespace;
