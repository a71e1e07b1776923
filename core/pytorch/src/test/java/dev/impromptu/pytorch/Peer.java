package dev.impromptu.pytorch;

import dev.impromptu.proof.Proof;
import dev.impromptu.proof.Recorded;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** PyTorch's half of a proof. */
interface Peer {
  /** What PyTorch computes from the same numbers in its 32 or 64 bits. */
  Recorded run(Proof proof, ScalarType type);

  /** By the names of the proofs. */
  static Map<String, Peer> all() {
    Map<String, Peer> peers = new HashMap<>();
    peers.putAll(TorchLayers.all());
    peers.putAll(TorchLarge.all());
    peers.putAll(TorchFunctions.all());
    peers.putAll(TorchLosses.all());
    peers.putAll(TorchOptimizers.all());
    return peers;
  }

  /** The one of a proof. */
  static Peer of(Proof proof) {
    Peer peer = all().get(proof.name());
    if (peer == null) {
      throw new AssertionError("PyTorch's half of " + proof.name() + " is missing");
    }
    return peer;
  }
}
