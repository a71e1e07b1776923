/** How parameters are changed by their gradients. */
@NullMarked
package dev.impromptu.optim;

import org.jspecify.annotations.NullMarked;
