/** Tensors, autograd, layers, optimizers and the CPU backends of Impromptu. */
module dev.impromptu.core {
  requires static transitive org.jspecify;
  requires static jdk.incubator.vector;

  exports dev.impromptu.backend;
  exports dev.impromptu.io;
  exports dev.impromptu.random;
}
