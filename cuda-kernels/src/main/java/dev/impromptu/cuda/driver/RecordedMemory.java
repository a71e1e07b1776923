package dev.impromptu.cuda.driver;

import dev.impromptu.cuda.driver.DevicePool.Block;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory that recorded work uses at its fixed addresses, and that therefore nobody else gets
 * until the recording is closed: what was allocated in it, and what was given back during it. Work
 * in one recording shares it in the order of the stream, as everywhere.
 */
public final class RecordedMemory implements AutoCloseable {
  private final DevicePool pool;
  private final DriverContext context;
  private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();
  private final List<Kept> kept = new ArrayList<>();
  private boolean closed;

  /**
   * What was given back during this recording.
   *
   * @param lender the recording that it is from, null if from none
   */
  private record Kept(Block block, @Nullable RecordedMemory lender) {}

  RecordedMemory(DevicePool pool, DriverContext context) {
    this.pool = pool;
    this.context = context;
  }

  /** The work was recorded: memory comes from the pool again. */
  public void end() {
    pool.endRecording();
  }

  @Nullable Block take(long size) {
    ArrayDeque<Block> blocks = free.get(size);
    return blocks == null ? null : blocks.poll();
  }

  void give(Block block) {
    free.computeIfAbsent(block.size(), _ -> new ArrayDeque<>()).push(block);
  }

  void keep(Block block, @Nullable RecordedMemory lender) {
    kept.add(new Kept(block, lender));
  }

  boolean isOpen() {
    return !closed;
  }

  /**
   * Nothing recorded uses the memory any longer; what its holders still have goes back to the pool
   * when they give it back.
   */
  @Override
  public void close() {
    synchronized (context) {
      if (closed) {
        return;
      }
      closed = true;
      if (!context.isClosed()) {
        free.values().forEach(blocks -> blocks.forEach(pool::shelve));
        kept.forEach(each -> pool.takeBack(each.block, each.lender));
      }
      free.clear();
      kept.clear();
    }
  }
}
