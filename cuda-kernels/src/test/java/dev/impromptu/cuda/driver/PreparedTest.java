package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

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
}
