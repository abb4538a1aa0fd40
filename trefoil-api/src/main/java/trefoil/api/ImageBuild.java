package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * Body of {@code POST /1.0/images/build}.
 *
 * @param image what to build: {@code debian:12}, {@code debian:bookworm}, {@code busybox}
 * @param force build anew though it is in the store
 */
@Json
public record ImageBuild(String image, Boolean force) {}
