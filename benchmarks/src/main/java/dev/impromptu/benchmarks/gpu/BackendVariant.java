package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.Backend;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Recording;
import dev.impromptu.backend.StepValues;
import dev.impromptu.backend.Storage;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What runs on one of Impromptu's own backends: its memory, and its recordings. */
abstract class BackendVariant implements Variant {
  /** Nothing that is recorded here asks for a rate or a random number. */
  private static final StepValues NO_STEP =
      new StepValues(0, new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1, null));

  private final Backend backend;
  private final List<Storage> owned = new ArrayList<>();

  BackendVariant(Device device) {
    backend = device.backend();
  }

  final Backend backend() {
    return backend;
  }

  final Storage empty(int length) {
    Storage storage = backend.allocate(DType.FLOAT32, length);
    owned.add(storage);
    return storage;
  }

  final Storage of(float[] values) {
    Storage storage = empty(values.length);
    backend.write(values, storage);
    return storage;
  }

  final Result result(String name, Storage storage) {
    float[] values = new float[storage.length()];
    backend.read(storage, values);
    return new Result(name, values);
  }

  /** Something that a task writes, under the name of its result. */
  record Output(String name, Storage storage) {}

  /** What a task writes has to be there afterwards, where nothing but NaN was before. */
  final Check check(Output... outputs) {
    return call -> {
      for (Output output : outputs) {
        backend.fill(output.storage, Double.NaN);
      }
      call.run();
      return Arrays.stream(outputs).map(output -> result(output.name, output.storage)).toList();
    };
  }

  @Override
  public final Optional<Replay> record(Runnable call) {
    return backend.record(NO_STEP, call).map(Recorded::new);
  }

  private record Recorded(Recording recording) implements Replay {
    @Override
    public void run() {
      recording.replay(NO_STEP);
    }

    @Override
    public void close() {
      recording.close();
    }
  }

  @Override
  public final void close() {
    owned.forEach(backend::release);
    owned.clear();
  }
}
