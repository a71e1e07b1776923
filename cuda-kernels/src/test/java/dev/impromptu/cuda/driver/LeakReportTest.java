package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeakReportTest {
  private static final Logger LOGGER = Logger.getLogger(LeakReport.class.getName());

  private final List<LogRecord> records = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private DriverContext context;

  @BeforeEach
  void open() {
    context = TestDriver.open();
    LOGGER.addHandler(handler);
    LOGGER.setUseParentHandlers(false);
  }

  @AfterEach
  void close() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
    if (context != null) {
      context.close();
    }
  }

  @Test
  void lostMemoryIsReportedAndStaysInUse() throws InterruptedException {
    var pool = new DevicePool(context, false, false);
    lose(pool);

    LogRecord record = awaitRecord();

    assertTrue(record.getMessage().contains("was never given back"), record.getMessage());
    assertNull(record.getThrown());
    assertEquals(1024, pool.bytesInUse(), "a report gives nothing back");
  }

  @Test
  void aTraceShowsWhereItWasAllocated() throws InterruptedException {
    lose(new DevicePool(context, false, true));

    LogRecord record = awaitRecord();

    assertNotNull(record.getThrown());
    assertTrue(
        Arrays.stream(record.getThrown().getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals("lose")));
  }

  @Test
  void memoryThatWasGivenBackIsNotReported() throws InterruptedException {
    var pool = new DevicePool(context, false, true);
    for (int i = 0; i < 10; i++) {
      pool.allocate(1000).close();
    }
    // What is lost afterwards is reported, and the rest was not.
    lose(pool);
    awaitRecord();

    assertEquals(1, records.size());
  }

  private static void lose(DevicePool pool) {
    lose(pool, 1000);
  }

  private static void lose(DevicePool pool, long bytes) {
    pool.allocate(bytes);
  }

  private LogRecord awaitRecord() throws InterruptedException {
    for (int i = 0; i < 200 && records.isEmpty(); i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(1, records.size());
    return records.getFirst();
  }

  @Test
  void whatAnEndTookAlongIsNotReported() throws InterruptedException {
    DriverContext other = CudaDriver.load().open(0);
    lose(new DevicePool(other, false, true), 2000);
    other.close();
    // The loss of a later piece is told, that of the earlier one is not.
    lose(new DevicePool(context, false, true), 1000);
    awaitRecord();
    for (int i = 0; i < 10; i++) {
      System.gc();
      Thread.sleep(10);
    }

    assertEquals(1, records.size());
    assertTrue(records.getFirst().getMessage().contains("1000 bytes"));
  }
}
