/** Where images come from, how they are verified, and the content-addressed store in which servers find their layers. */
package trefoil.image;
