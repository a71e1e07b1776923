package dev.impromptu.pytorch;

import dev.impromptu.proof.Proof;
import dev.impromptu.proof.Proofs;
import dev.impromptu.tensor.Device;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values and gradients of every layer, function and loss, and the steps of every optimizer. */
class AgreementTest {
  static List<Proof> proofs() {
    return Proofs.all();
  }

  static List<Proof> proofsOfAllSizes() {
    return Stream.concat(Proofs.all().stream(), Proofs.large().stream()).toList();
  }

  @ParameterizedTest
  @MethodSource("proofs")
  void theReferenceComputesWhatPyTorchDoesIn64Bits(Proof proof) {
    proof.check(Device.reference(), Peer.of(proof).run(proof, ScalarType.Double));
  }

  @ParameterizedTest
  @MethodSource("proofsOfAllSizes")
  void theProcessorComputesWhatPyTorchDoesIn32Bits(Proof proof) {
    proof.check(Device.cpu(), Peer.of(proof).run(proof, ScalarType.Float));
  }
}
