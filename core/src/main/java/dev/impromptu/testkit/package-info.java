/** How an operation is proven: sample inputs, gradient check, parity between devices. */
@NullMarked
package dev.impromptu.testkit;

import org.jspecify.annotations.NullMarked;
