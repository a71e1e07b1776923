package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.Precision;
import java.util.List;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The stand-ins for cuBLAS and cuDNN refuse what the libraries refuse: calls that the Java code
 * never makes while it is right.
 */
class LibraryDoubleTest {
  private static final Pointer ONE = Pointer.to(new float[] {1});

  private final cublasHandle handle = new cublasHandle();
  private DriverContext context;

  @BeforeEach
  void open() {
    context = TestDriver.openDouble();
    TestLibraries.assume(CudaLibrary.CUBLAS);
    JCublas2.cublasCreate(handle);
  }

  @AfterEach
  void close() {
    if (context != null) {
      JCublas2.cublasDestroy(handle);
      context.close();
    }
  }

  @Test
  void aNegativeSizeIsRefused() {
    refused("a size is negative", cublasStatus.CUBLAS_STATUS_INVALID_VALUE, -1, 2, 0, 68);
  }

  @Test
  void rowsThatOverlapAreRefused() {
    refused("lda is less than A's rows", cublasStatus.CUBLAS_STATUS_INVALID_VALUE, 2, 1, 0, 68);
  }

  @Test
  void typesThatDoNotGoTogetherAreRefused() {
    refused(
        "the double has no such type with this compute type",
        cublasStatus.CUBLAS_STATUS_NOT_SUPPORTED,
        2,
        2,
        cudaDataType.CUDA_R_16BF,
        cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32);
  }

  @Test
  void anOperandOutsideEveryAllocationIsRefused() {
    refused(
        "C, 24 bytes, is not inside one allocation of the device",
        cublasStatus.CUBLAS_STATUS_EXECUTION_FAILED,
        2,
        4,
        cudaDataType.CUDA_R_32F,
        68);
  }

  @Test
  void aHandleThatWasDestroyedIsRefused() {
    JCublas2.cublasDestroy(handle);

    refused(
        "the handle was not created, or destroyed already",
        cublasStatus.CUBLAS_STATUS_NOT_INITIALIZED,
        2,
        2,
        0,
        68);
  }

  /** A product of 2 by 2 matrices in 16 bytes each, but for the one thing that is wrong with it. */
  private void refused(String reason, int status, int m, int rowA, int type, int compute) {
    DeviceSpan a = TestLibraries.device(context, new float[8]);
    DeviceSpan c = TestLibraries.device(context, new float[4]);
    int met =
        JCublas2.cublasGemmEx_new(
            handle,
            0,
            0,
            m,
            2,
            2,
            ONE,
            a.pointer(),
            type,
            rowA,
            a.pointer(),
            type,
            2,
            ONE,
            c.pointer(),
            cudaDataType.CUDA_R_32F,
            Math.max(2, rowA),
            compute,
            -1);

    assertEquals(reason, JCublas2.cublasGetStatusString(met));
    assertEquals(status, met);
  }

  @Test
  void weightGradientsBeforeThoseOfTheDataAreNoNumbers() {
    try (var cudnn = new Cudnn(context)) {
      assertTrue(Float.isNaN(weightGradient(cudnn, false)));
      assertFalse(Float.isNaN(weightGradient(cudnn, true)));
    }
  }

  private float weightGradient(Cudnn cudnn, boolean dataFirst) {
    var shape = new LstmShape(1, 1, 1, 1, 1);
    try (var lstm = new CudnnLstm(cudnn, shape, Precision.FP32, CudnnLstmAlgorithm.STANDARD)) {
      DeviceSpan four = TestLibraries.device(context, new float[] {1, 1, 1, 1});
      List<CudnnLstm.Layer> layers = List.of(new CudnnLstm.Layer(four, four, four, four));
      DeviceSpan one = four.slice(0, 4);
      DeviceSpan y = TestLibraries.device(context, 1);
      DeviceSpan weights = bytes(lstm.weightBytes());
      DeviceSpan gradients = bytes(lstm.weightBytes());
      var scratch =
          new CudnnLstm.Scratch(bytes(lstm.workspaceBytes(true)), bytes(lstm.reserveBytes()));
      CudnnLstm.State none = CudnnLstm.State.NONE;
      lstm.pack(layers, weights);
      lstm.forward(true, weights, one, none, y, none, scratch);
      if (dataFirst) {
        DeviceSpan dx = TestLibraries.device(context, 1);
        lstm.backwardData(weights, y, one, dx, none, none, none, scratch);
      }
      lstm.backwardWeights(one, y, none, gradients, scratch);
      lstm.unpack(gradients, layers);
      return TestLibraries.host(context, four)[0];
    }
  }

  private DeviceSpan bytes(long bytes) {
    return context.allocate(bytes).span(0, bytes);
  }
}
