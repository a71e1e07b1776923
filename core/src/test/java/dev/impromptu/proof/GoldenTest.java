package dev.impromptu.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values, gradients and optimizer steps as PyTorch computed them in 64 bits. */
class GoldenTest {
  static List<Proof> proofs() {
    return Proofs.all();
  }

  @ParameterizedTest
  @MethodSource("proofs")
  void theReferenceComputesWhatPyTorchDid(Proof proof) throws IOException {
    proof.check(Device.reference(), Proofs.golden(proof));
  }

  @ParameterizedTest
  @MethodSource("proofs")
  void theProcessorComputesWhatPyTorchDid(Proof proof) throws IOException {
    proof.check(Device.cpu(), Proofs.golden(proof));
  }

  @Test
  void aFileHoldsItsProofsAndNothingElse() throws IOException {
    for (var group : Proofs.groups().entrySet()) {
      Set<String> named = new HashSet<>();
      for (Proof proof : group.getValue()) {
        named.addAll(Proofs.golden(proof).named(proof.name()).keySet());
      }
      assertEquals(Proofs.read(Proofs.file(group.getKey())).keySet(), named);
    }
  }
}
