package dev.impromptu.tensor;

import dev.impromptu.backend.Storage;
import java.util.concurrent.atomic.AtomicInteger;

/** A storage and the number of tensors that share it; the last to close gives it back. */
final class Memory {
  private final Device device;
  private final Storage storage;
  private final AtomicInteger users = new AtomicInteger(1);
  private int version;

  Memory(Device device, Storage storage) {
    this.device = device;
    this.storage = storage;
  }

  Device device() {
    return device;
  }

  Storage storage() {
    return storage;
  }

  /** As its device counts it: both kinds of element have four bytes. */
  long bytes() {
    return (long) Float.BYTES * storage.length();
  }

  /** How often its values were exchanged in place. */
  int version() {
    return version;
  }

  void changed() {
    version++;
  }

  Memory share() {
    users.incrementAndGet();
    return this;
  }

  void close() {
    if (users.decrementAndGet() == 0) {
      device.release(storage);
    }
  }
}
