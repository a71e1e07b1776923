package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.tensor.Device;
import dev.impromptu.testkit.OpCase;
import dev.impromptu.testkit.OpCases;
import dev.impromptu.testkit.ParityCheck;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The LSTM and the convolution agree with the reference where cuDNN runs them too. */
@Tag("parity")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudnnParityTest {
  private Device device;

  @BeforeAll
  void open() {
    var context = TestDriver.open();
    boolean found = Cudnn.whyMissing().isEmpty();
    if (!found) {
      context.close();
    }
    Assumptions.assumeTrue(found, "This needs cuDNN or its stand-in");
    var options =
        new CudaOptions(Products.CUBLAS, Implementation.CUDNN, Implementation.CUDNN, true, false);
    device = Device.of(new CudaBackend(new CudaRuntime(context, Precision.FP32, options), 12_000));
  }

  @AfterAll
  void close() {
    if (device != null) {
      device.close();
    }
  }

  static Stream<OpCase> cases() {
    return Stream.concat(OpCases.differentiable().stream(), OpCases.withoutGradient().stream())
        .filter(
            opCase -> {
              String name = opCase.name().toLowerCase(Locale.ROOT);
              return name.contains("lstm") || name.contains("conv");
            });
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(OpCase opCase) {
    ParityCheck.check(opCase, device);
  }

  @Test
  void theDescriptionSaysSo() {
    for (String operation : List.of("lstm: ", "convolution: ")) {
      assertTrue(
          device.backend().description().stream()
              .anyMatch(line -> line.startsWith(operation) && line.contains("cuDNN")),
          operation);
    }
  }
}
