package dev.impromptu.tensor;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendProvider;
import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * A place where tensors live and are computed: a backend and the memory that lasts as long as it.
 *
 * <p>Each named device is opened once a process. With {@code -Dimpromptu.poison=true} memory is
 * filled with NaN when it is given back, so that a tensor used too late shows.
 */
public final class Device implements AutoCloseable {
  private static final boolean POISON = Boolean.getBoolean("impromptu.poison");
  private static final Map<Key, Device> OPEN = new LinkedHashMap<>();

  private final Backend backend;
  private final Precision precision;
  private final Scope lasting;

  /** What tells open devices apart. */
  private record Key(String name, Precision precision) {}

  private Device(Backend backend, Precision precision) {
    this.backend = backend;
    this.precision = precision;
    this.lasting = Scope.lasting("device " + backend.name());
  }

  /** The fastest device that works on this machine. */
  public static Device best() {
    return best(Precision.FP32);
  }

  /**
   * The fastest device that works on this machine and multiplies in that precision.
   *
   * @throws BackendUnavailableException when there is none; the message says what each one lacks
   */
  public static Device best(Precision precision) {
    List<BackendProvider> providers = new ArrayList<>(providers());
    providers.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
    List<String> reasons = new ArrayList<>();
    for (BackendProvider provider : providers) {
      if (!provider.precisions().contains(precision)) {
        reasons.add(provider.name() + ": it multiplies in fp32 only");
        continue;
      }
      try {
        return named(provider.name(), precision);
      } catch (BackendUnavailableException e) {
        reasons.add(provider.name() + ": " + e.getMessage());
      }
    }
    throw new BackendUnavailableException(
        "Device: no backend works here in %s (%s); choose another precision, or add what is missing"
            .formatted(precision.optionName(), String.join("; ", reasons)));
  }

  /** The processor: float32 with the Vector API and OpenBLAS where they are found. */
  public static Device cpu() {
    return named("cpu");
  }

  /** The definition of every operation in double precision: slow, for tests. */
  public static Device reference() {
    return named("reference");
  }

  /**
   * The device of that name, opened at the first call.
   *
   * @param name {@code cpu}, {@code reference} or what another provider calls itself
   * @throws IllegalArgumentException when nothing of that name is on the class path
   * @throws BackendUnavailableException when this machine lacks what the backend needs
   */
  public static Device named(String name) {
    return named(name, Precision.FP32);
  }

  /**
   * The device of that name that multiplies in that precision, opened at the first call. Two
   * precisions of one name are two devices.
   *
   * @throws IllegalArgumentException when nothing of that name is on the class path, or it does not
   *     multiply in that precision
   * @throws BackendUnavailableException when this machine lacks what the backend needs
   */
  public static Device named(String name, Precision precision) {
    var key = new Key(name, precision);
    synchronized (OPEN) {
      Device open = OPEN.get(key);
      if (open != null) {
        return open;
      }
      List<BackendProvider> providers = providers();
      for (BackendProvider provider : providers) {
        if (provider.name().equals(name)) {
          if (!provider.precisions().contains(precision)) {
            throw new IllegalArgumentException(
                "Device: %s multiplies in fp32 only, not in %s; choose fp32 or another device"
                    .formatted(name, precision.optionName()));
          }
          Device device = new Device(provider.open(precision), precision);
          OPEN.put(key, device);
          return device;
        }
      }
      throw new IllegalArgumentException(
          "Device: there is no '%s'; known are %s"
              .formatted(name, providers.stream().map(BackendProvider::name).sorted().toList()));
    }
  }

  /** A device over a backend that is not registered, for tests of an own one. */
  public static Device of(Backend backend) {
    return new Device(backend, Precision.FP32);
  }

  /** Every backend that is on the class path, whether or not it works here. */
  public static List<BackendProvider> providers() {
    return ServiceLoader.load(BackendProvider.class, Device.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  /** The name it is chosen by. */
  public String name() {
    return backend.name();
  }

  /** What computes here; operations call it, programs seldom need to. */
  public Backend backend() {
    return backend;
  }

  /** The scope of tensors that last as long as the device: parameters and optimizer state. */
  Scope lasting() {
    return lasting;
  }

  Storage allocate(DType type, int length) {
    try {
      return backend.allocate(type, length);
    } catch (OutOfDeviceMemoryException e) {
      throw explained(e);
    }
  }

  /**
   * What to throw in the place of a backend's failure: it says also what each open scope holds and
   * what to try, which no backend knows. Whoever has a backend compute catches and throws it, since
   * an operation may need memory of its own; what was explained once is returned as it is.
   */
  public OutOfDeviceMemoryException explained(OutOfDeviceMemoryException e) {
    if (e.getCause() instanceof OutOfDeviceMemoryException) {
      return e;
    }
    return new OutOfDeviceMemoryException(
        "%s.%n%sTry a smaller batch (--batch), shorter sequences, or close scopes sooner."
            .formatted(e.getMessage(), Scope.describeOpen(this)),
        e);
  }

  void release(Storage storage) {
    if (POISON) {
      backend.fill(storage, storage.type() == DType.FLOAT32 ? Double.NaN : Integer.MIN_VALUE);
    }
    backend.release(storage);
  }

  /** Gives back all memory of the device; {@link #named} then opens a new one. */
  @Override
  public void close() {
    synchronized (OPEN) {
      OPEN.remove(new Key(name(), precision), this);
      lasting.close();
      backend.close();
    }
  }

  /** How exactly it multiplies. */
  public Precision precision() {
    return precision;
  }

  @Override
  public String toString() {
    return precision == Precision.FP32 ? name() : name() + " (" + precision.optionName() + ")";
  }
}
