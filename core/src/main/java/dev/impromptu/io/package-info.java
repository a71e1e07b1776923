/** Files: JSON, safetensors, and writing that leaves either the old content or the new. */
@NullMarked
package dev.impromptu.io;

import org.jspecify.annotations.NullMarked;
