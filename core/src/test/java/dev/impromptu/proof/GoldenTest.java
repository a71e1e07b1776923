package dev.impromptu.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values, gradients and optimizer steps as PyTorch computed them in 64 bits. */
class GoldenTest {
  private static Map<String, Recorded> golden;

  @BeforeAll
  static void readTheFiles() throws IOException {
    golden = Proofs.golden();
  }

  static List<Proof> proofs() {
    return Proofs.all();
  }

  @ParameterizedTest
  @MethodSource("proofs")
  void theReferenceComputesWhatPyTorchDid(Proof proof) {
    proof.check(Device.reference(), golden.get(proof.name()));
  }

  @ParameterizedTest
  @MethodSource("proofs")
  void theProcessorComputesWhatPyTorchDid(Proof proof) {
    proof.check(Device.cpu(), golden.get(proof.name()));
  }

  @Test
  void aFileHoldsItsProofsAndNothingElse() throws IOException {
    for (var group : Proofs.groups().entrySet()) {
      Set<String> named = new HashSet<>();
      for (Proof proof : group.getValue()) {
        named.addAll(golden.get(proof.name()).named(proof.name()).keySet());
      }
      assertEquals(Proofs.read(Proofs.file(group.getKey())).keySet(), named);
    }
  }
}
