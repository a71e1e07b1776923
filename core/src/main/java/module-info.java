/** Tensors, autograd, layers, optimizers and the CPU backends of Impromptu. */
module dev.impromptu.core {
  requires static transitive org.jspecify;
  requires static jdk.incubator.vector;

  exports dev.impromptu.backend;
  exports dev.impromptu.data;
  exports dev.impromptu.functional;
  exports dev.impromptu.io;
  exports dev.impromptu.nn;
  exports dev.impromptu.optim;
  exports dev.impromptu.random;
  exports dev.impromptu.tensor;
  exports dev.impromptu.testkit;
  exports dev.impromptu.train;

  uses dev.impromptu.backend.BackendProvider;

  provides dev.impromptu.backend.BackendProvider with
      dev.impromptu.backend.cpu.CpuProvider,
      dev.impromptu.backend.reference.ReferenceProvider;
}
