package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies between Java arrays and the device; the stand-in performs them only when waited for. */
class StagingTest {
  private static final int OUT_OF_MEMORY = 2;
  private static final int SLOT_FLOATS = DriverContext.STAGING_BYTES / Float.BYTES;

  private DriverContext context;

  @BeforeEach
  void open() {
    context = TestDriver.open();
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void manyUploadsInARowKeepTheirValues() {
    List<DeviceMemory> memories = new ArrayList<>();
    List<float[]> uploaded = new ArrayList<>();
    // Far more than the ring holds, of sizes that end anywhere in a slot.
    for (int i = 0; i < 60; i++) {
      float[] values = values(i, 1 + i * 7919 % SLOT_FLOATS);
      DeviceMemory memory = context.allocate((long) Float.BYTES * values.length);
      memory.upload(values);
      memories.add(memory);
      uploaded.add(values);
    }

    for (int i = 0; i < memories.size(); i++) {
      float[] back = new float[uploaded.get(i).length];
      memories.get(i).download(back);
      assertArrayEquals(uploaded.get(i), back, "upload " + i);
    }
  }

  @Test
  void whenWaitingForASlotFailsWhatIsOnItsWayStaysInIt() {
    List<DeviceMemory> memories = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      memories.add(context.allocate(DriverContext.STAGING_BYTES));
    }
    for (int i = 0; i < 4; i++) {
      memories.get(i).upload(values(i, SLOT_FLOATS));
    }
    TestDriver.failNext("cuEventSynchronize", OUT_OF_MEMORY);
    float[] last = values(4, SLOT_FLOATS);
    assertThrows(CudaException.class, () -> memories.get(4).upload(last));
    memories.get(4).upload(last);

    for (int i = 0; i < 5; i++) {
      float[] back = new float[SLOT_FLOATS];
      memories.get(i).download(back);
      assertArrayEquals(values(i, SLOT_FLOATS), back, "upload " + i);
    }
  }

  @Test
  void anArrayMayBeOverwrittenAsSoonAsItWasUploaded() {
    float[] values = {1, 2, 3};
    DeviceMemory memory = context.allocate(12);
    memory.upload(values);
    values[0] = 99;

    assertEquals(1, first(memory));
  }

  @Test
  void anUploadComesAfterWhatWasUploadedBefore() {
    DeviceMemory memory = context.allocate(4);
    for (int i = 0; i < 1000; i++) {
      memory.upload(new float[] {i});
    }

    assertEquals(999, first(memory));
  }

  @Test
  void aDownloadBetweenUploadsDisturbsNeither() {
    DeviceMemory one = context.allocate((long) Float.BYTES * SLOT_FLOATS);
    DeviceMemory two = context.allocate(8);
    float[] values = values(3, SLOT_FLOATS);
    one.upload(values);
    two.upload(new float[] {5, 6});
    float[] back = new float[2];
    two.download(back);
    two.upload(new float[] {7, 8});
    float[] all = new float[SLOT_FLOATS];
    one.download(all);

    assertArrayEquals(new float[] {5, 6}, back);
    assertArrayEquals(values, all);
    assertEquals(7, first(two));
  }

  @Test
  void whatIsLargerThanTheRingComesBackWhole() {
    float[] values = values(1, 9 * SLOT_FLOATS + 13);
    float[] back = new float[values.length];
    DeviceMemory memory = context.allocate((long) Float.BYTES * values.length);
    memory.upload(values);
    memory.download(back);

    assertArrayEquals(values, back);
  }

  @Test
  void nothingIsCopiedWhereThereIsNothing() {
    DeviceMemory memory = context.allocate(4);
    memory.upload(new float[0]);
    memory.download(new float[0]);
  }

  @Test
  void aFewBytesComeAlongWithADownload() {
    DeviceMemory words = context.allocate(16);
    words.upload(new float[] {1, 2, 3, 4});
    DeviceMemory memory = context.allocate(4);
    memory.upload(new float[] {9});
    context.fetch(words.span());
    float[] back = new float[1];
    memory.download(back);

    assertEquals(9, back[0]);
    assertEquals(4, context.fetched().asFloatBuffer().get(3));
  }

  @Test
  void memoryIsFilledAndCopiedOnTheDevice() {
    DeviceMemory one = context.allocate(12);
    DeviceMemory two = context.allocate(8);
    one.span().fill(Float.floatToRawIntBits(1.5f));
    one.span(4, 4).fill(0);
    two.span().copyFrom(one.span(0, 8));
    float[] back = new float[2];
    two.download(back);

    assertArrayEquals(new float[] {1.5f, 0}, back);
  }

  private static float first(DeviceMemory memory) {
    float[] back = new float[1];
    memory.download(back);
    return back[0];
  }

  private static float[] values(int seed, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = seed * 1_000_003 + i;
    }
    return values;
  }
}
