package trefoil.image.unpack;

import java.util.List;

/**
 * What unpacking a layer showed.
 *
 * @param dependsOnLower whether the layers below had a say in its content, so that its digest alone does not name it
 * @param hidesLower whether it hides all layers below
 * @param entries members written
 * @param notes what was left out or changed, in words
 */
public record UnpackReport(boolean dependsOnLower, boolean hidesLower, long entries, List<String> notes) {}
