package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.indices;
import static dev.impromptu.backend.reference.Values.read;
import static dev.impromptu.backend.reference.Values.readIndices;
import static dev.impromptu.backend.reference.Values.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.UnaryOp;
import org.junit.jupiter.api.Test;

class MemoryTest {
  @Test
  void theProviderOpensABackendOfItsName() {
    var provider = new ReferenceProvider();
    assertEquals(0, provider.rank());
    try (var backend = provider.open(Precision.FP32)) {
      assertEquals("reference", provider.name());
      assertEquals("reference", backend.name());
      assertEquals(1, backend.description().size());
    }
  }

  @Test
  void floatsComeBackAsTheyWereWritten() {
    var storage = empty(2);
    BACKEND.write(new float[] {0.1f, -3}, storage);
    var back = new float[2];
    BACKEND.read(storage, back);
    assertArrayEquals(new float[] {0.1f, -3}, back);
    assertArrayEquals(new double[] {0.1f, -3}, read(storage));
  }

  @Test
  void doublesKeepAllTheirDigits() {
    assertEquals(Math.PI, read(values(Math.PI))[0]);
  }

  @Test
  void indicesComeBackAsTheyWereWritten() {
    assertArrayEquals(new int[] {7, -1}, readIndices(indices(7, -1)));
  }

  @Test
  void writingTakesAsManyAsTheTargetHoldsAndReadingLikewise() {
    var storage = empty(1);
    BACKEND.write(new double[] {1, 2, 3}, storage);
    assertValues(storage, 1);
    var first = new double[1];
    BACKEND.read(values(4, 5), first);
    assertEquals(4, first[0]);
  }

  @Test
  void unwrittenMemoryIsNotANumber() {
    assertTrue(Double.isNaN(read(empty(3))[2]));
  }

  @Test
  void fillRoundsForIndices() {
    var ids = indices(0, 0, 0);
    BACKEND.fill(ids.slice(1, 2), 2.6);
    assertArrayEquals(new int[] {0, 3, 3}, readIndices(ids));
    var x = values(1, 1, 1);
    BACKEND.fill(x.slice(1, 1), 2.6);
    assertValues(x, 1, 2.6, 1);
  }

  @Test
  void aSliceIsTheSameMemory() {
    var whole = values(0, 1, 2, 3, 4);
    var part = whole.slice(1, 3).slice(1, 2);
    assertValues(part, 2, 3);
    BACKEND.write(new double[] {20, 30}, part);
    BACKEND.release(part);
    assertValues(whole, 0, 1, 20, 30, 4);
    assertThrows(IndexOutOfBoundsException.class, () -> part.slice(1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> indices(1, 2).slice(-1, 1));
  }

  @Test
  void anOperationCannotReachOutOfItsSlice() {
    var part = values(0, 1, 2, 3).slice(0, 2);
    assertThrows(IndexOutOfBoundsException.class, () -> BACKEND.unary(UnaryOp.EXP, part, empty(3)));
  }

  @Test
  void copyMovesRunsWithStrides() {
    // The middle column of [2, 3] into the last of [2, 2].
    var target = values(9, 9, 9, 9);
    var column = new BlockCopy(2, 1, 1, 3, 1, 2);
    BACKEND.copy(column, values(0, 1, 2, 3, 4, 5), target);
    assertValues(target, 9, 1, 9, 4);
    var ids = indices(9, 9, 9, 9);
    BACKEND.copy(column, indices(0, 1, 2, 3, 4, 5), ids);
    assertArrayEquals(new int[] {9, 1, 9, 4}, readIndices(ids));
  }

  @Test
  void copyRefusesTwoTypes() {
    var blocks = new BlockCopy(1, 1, 0, 1, 0, 1);
    assertThrows(IllegalArgumentException.class, () -> BACKEND.copy(blocks, values(1), indices(1)));
  }

  @Test
  void permuteTransposes() {
    var out = empty(6);
    BACKEND.permute(new int[] {2, 3}, new int[] {1, 0}, values(0, 1, 2, 3, 4, 5), out);
    assertValues(out, 0, 3, 1, 4, 2, 5);
  }

  @Test
  void permuteTurnsThreeAxes() {
    // source[a, b, c] = 100 a + 10 b + c; target[c, a, b].
    var source = indices(0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112);
    var out = indices(new int[12]);
    BACKEND.permute(new int[] {2, 2, 3}, new int[] {2, 0, 1}, source, out);
    assertArrayEquals(
        new int[] {0, 10, 100, 110, 1, 11, 101, 111, 2, 12, 102, 112}, readIndices(out));
  }

  @Test
  void aWrongTypeIsNamed() {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> BACKEND.gatherRows(1, values(1), values(0), values(0)));
    assertEquals(
        "reference: expected INT32 indices, but got a FLOAT32 storage of 1 elements",
        error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> BACKEND.read(indices(1), new double[1]));
  }

  @Test
  void anotherBackendsStorageIsRefused() {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> BACKEND.read(new Foreign(4), new float[4]));
    assertTrue(error.getMessage().contains("belongs to another backend"), error.getMessage());
    assertTrue(error.getMessage().contains("Foreign"), error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> BACKEND.release(new Foreign(1)));
  }

  private record Foreign(int length) implements Storage {
    @Override
    public DType type() {
      return DType.FLOAT32;
    }

    @Override
    public Storage slice(int offset, int length) {
      return new Foreign(length);
    }
  }
}
