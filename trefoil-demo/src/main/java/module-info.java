/** {@code trefoil demo}: servers to look at, from nothing, and back to nothing. */
module trefoil.demo {
    requires trefoil.client;
}
