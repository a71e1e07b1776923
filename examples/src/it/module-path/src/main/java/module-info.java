/** A program that uses Impromptu as a named module. */
module consumer {
  requires dev.impromptu.core;
}
