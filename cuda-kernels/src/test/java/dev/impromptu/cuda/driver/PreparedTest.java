package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreparedTest {
  private final List<Object> closed = new ArrayList<>();
  private DriverContext context;
  private Prepared<Integer, Object> prepared;

  @BeforeEach
  void open() {
    context = TestDriver.open();
    prepared = new Prepared<>(context, _ -> new Object(), closed::add);
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void theOneThatWasUsedLongestAgoMakesRoom() {
    Object first = prepared.of(0);
    Object second = prepared.of(1);
    for (int shape = 2; shape < Prepared.MOST; shape++) {
      prepared.of(shape);
    }
    assertSame(first, prepared.of(0));
    assertEquals(List.of(), closed);
    prepared.of(Prepared.MOST);

    assertEquals(List.of(second), closed);
    assertSame(first, prepared.of(0));
  }

  @Test
  void whatRecordedWorkUsedStays() {
    List<Object> recorded = new ArrayList<>();
    CudaGraphExec graph = context.record(() -> recorded.add(prepared.of(-1)));
    Object next = prepared.of(0);
    for (int shape = 1; shape <= Prepared.MOST; shape++) {
      prepared.of(shape);
    }

    assertEquals(List.of(next), closed);
    assertSame(recorded.getFirst(), prepared.of(-1));
    graph.close();
  }

  @Test
  void allAreClosedAtTheEnd() {
    List<Object> all = List.of(prepared.of(0), prepared.of(1));
    prepared.close();
    prepared.close();

    assertEquals(all, closed);
  }

  @Test
  void whatMakesRoomIsClosedWhenItsWorkHasEnded() {
    DriverDouble driver = DriverDouble.find().orElse(null);
    assumeTrue(driver != null, "This needs the stand-in, which counts");
    CudaFunction kernel = context.load(DriverDouble.ptx("test_add_one")).function("test_add_one");
    DeviceMemory memory = context.allocate(4);
    memory.upload(new float[] {1});
    List<Long> runs = new ArrayList<>();
    prepared =
        new Prepared<>(context, _ -> new Object(), _ -> runs.add(driver.runs("test_add_one")));
    for (int shape = 0; shape < Prepared.MOST; shape++) {
      prepared.of(shape);
    }
    long before = driver.runs("test_add_one");
    kernel.launch(LaunchShape.of(1, 32), new KernelArguments().add(memory.span()).add(1));
    assertEquals(before, driver.runs("test_add_one"), "it waits for somebody to wait for it");
    prepared.of(Prepared.MOST);

    assertEquals(List.of(before + 1), runs);
  }

  @Test
  void recordedWorkMayNeedMoreThanAreKept() {
    for (int shape = 0; shape < Prepared.MOST; shape++) {
      prepared.of(shape);
    }
    context.record(() -> prepared.of(Prepared.MOST)).close();
    assertEquals(List.of(), closed);
    prepared.of(Prepared.MOST + 1);

    assertEquals(1, closed.size());
  }
}
