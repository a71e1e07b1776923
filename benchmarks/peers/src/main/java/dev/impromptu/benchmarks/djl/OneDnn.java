package dev.impromptu.benchmarks.djl;

import ai.djl.pytorch.jni.LibUtils;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Python's {@code torch.backends.mkldnn.enabled}, which DJL does not pass on: the functions behind
 * it, called in PyTorch's library under the names that the C++ compiler gave them.
 */
@SuppressWarnings("restricted")
final class OneDnn {
  private static final MemorySegment CONTEXT;
  private static final MethodHandle SET;
  private static final MethodHandle SET_NNPACK;

  static {
    var library =
        SymbolLookup.libraryLookup(
            Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu")),
            Arena.global());
    MethodHandle context =
        function(library, "_ZN2at13globalContextEv", FunctionDescriptor.of(ValueLayout.ADDRESS));
    var switched = FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_BOOLEAN);
    SET = function(library, "_ZN2at7Context20setUserEnabledMkldnnEb", switched);
    SET_NNPACK = function(library, "_ZN2at7Context20setUserEnabledNNPACKEb", switched);
    try {
      CONTEXT = (MemorySegment) context.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException("PyTorch's globalContext cannot be called", e);
    }
  }

  private OneDnn() {}

  private static MethodHandle function(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor);
  }

  /** Says whether PyTorch's kernels may come from oneDNN; it does so unless told otherwise. */
  static void enable(boolean enabled) {
    try {
      SET.invokeExact(CONTEXT, enabled);
      // It takes over the convolutions then, and warns at each on a processor it does not know.
      SET_NNPACK.invokeExact(CONTEXT, enabled);
    } catch (Throwable e) {
      throw new IllegalStateException("PyTorch's switches for its libraries cannot be called", e);
    }
  }
}
