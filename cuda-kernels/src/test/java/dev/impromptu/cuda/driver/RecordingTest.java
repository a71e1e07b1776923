package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Launches that are recorded and run again. */
class RecordingTest {
  private DriverContext context;
  private DeviceMemory one;
  private DeviceMemory two;

  @BeforeEach
  void open() {
    context = TestDriver.open();
    one = context.allocate(4);
    two = context.allocate(4);
    one.upload(new float[] {1});
    two.upload(new float[] {2});
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void recordedWorkRunsAtEachLaunchAndNotBefore() {
    CudaGraphExec graph = context.record(() -> two.span().copyFrom(one.span()));
    assertEquals(2, first(two));
    graph.launch();
    assertEquals(1, first(two));
    one.upload(new float[] {7});
    graph.launch();

    assertEquals(7, first(two));
  }

  @Test
  void nothingToDoIsRecordedToo() {
    CudaGraphExec graph = context.record(() -> {});
    graph.launch();
    graph.close();

    assertEquals(1, first(one));
  }

  @Test
  void whatCannotBeRecordedIsRefusedByItsName() {
    assertRefused("upload", () -> one.upload(new float[] {5}));
    assertRefused("download", () -> one.download(new float[1]));
    assertRefused("synchronize", context::synchronize);
    assertRefused("record", () -> context.record(() -> {}).close());
    assertRefused("closing", context::close);

    assertEquals(1, first(one));
  }

  private void assertRefused(String what, Runnable call) {
    var e = assertThrows(IllegalStateException.class, () -> context.record(call));
    assertTrue(
        e.getMessage().startsWith("CUDA: " + what + " is not possible while work is recorded"),
        e.getMessage());
  }

  @Test
  void workThatThrowsIsForgotten() {
    var thrown = new IllegalArgumentException("by the test");

    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                context.record(
                    () -> {
                      two.span().copyFrom(one.span());
                      throw thrown;
                    }));

    assertEquals(thrown, e);
    assertEquals(2, first(two));
    context.record(() -> two.span().fill(0)).launch();
    assertEquals(0, first(two));
  }

  @Test
  void memoryCanBeAllocatedWhileWorkIsRecorded() {
    var memory = new DeviceMemory[1];
    CudaGraphExec graph =
        context.record(
            () -> {
              memory[0] = context.allocate(4);
              memory[0].span().copyFrom(one.span());
            });
    graph.launch();

    assertEquals(1, first(memory[0]));
  }

  @Test
  void whatAnotherThreadDoesIsNoPartOfWhatIsRecorded() throws InterruptedException {
    assumeTrue(TestDriver.isDouble(context), "This kernel is the stand-in driver's");
    CudaFunction kernel = context.load(DriverDouble.ptx("test_add_one")).function("test_add_one");
    var arguments = new KernelArguments().add(one.span()).add(1);
    List<Runnable> works =
        List.of(
            () -> kernel.launch(LaunchShape.of(1, 32), arguments),
            () -> one.span().copyFrom(two.span()),
            () -> one.span().fill(Float.floatToRawIntBits(2)),
            () -> one.upload(new float[] {2}));
    for (Runnable work : works) {
      one.upload(new float[] {1});
      Thread other = Thread.ofPlatform().unstarted(work);
      CudaGraphExec graph =
          context.record(
              () -> {
                other.start();
                TestDriver.awaitBlocked(other);
              });
      other.join();
      assertEquals(2, first(one), "work " + works.indexOf(work));
      graph.close();
    }
  }

  @Test
  void aClosedGraphIsNotLaunched() {
    CudaGraphExec graph = context.record(() -> {});
    graph.close();
    graph.close();

    assertThrows(IllegalStateException.class, graph::launch);
  }

  @Test
  void eventsMeasureTime() {
    CudaEvent start = context.event();
    CudaEvent end = context.event();
    start.record();
    two.span().copyFrom(one.span());
    end.record();
    end.synchronize();

    assertTrue(end.millisecondsSince(start) >= 0);
    start.close();
    end.close();
  }

  private static float first(DeviceMemory memory) {
    float[] back = new float[1];
    memory.download(back);
    return back[0];
  }
}
