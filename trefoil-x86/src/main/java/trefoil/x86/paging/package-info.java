/**
 * Page tables: {@link trefoil.x86.paging.PageEntry bits of entries}, {@link trefoil.x86.paging.PagingMode modes} with their levels and reserved bits, and the
 * {@link trefoil.x86.paging.PageFaultCode error code} of #PF (Intel SDM Vol. 3, chapter 4).
 */
package trefoil.x86.paging;
