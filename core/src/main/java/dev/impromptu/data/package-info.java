/** Examples to learn from and the order in which they are shown. */
@NullMarked
package dev.impromptu.data;

import org.jspecify.annotations.NullMarked;
