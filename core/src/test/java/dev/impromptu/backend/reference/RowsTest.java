package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.indices;
import static dev.impromptu.backend.reference.Values.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RowsTest {
  @Test
  void gatherTakesRows() {
    var out = empty(6);
    BACKEND.gatherRows(2, values(0, 1, 10, 11, 20, 21), indices(2, 0, 2), out);
    assertValues(out, 20, 21, 0, 1, 20, 21);
  }

  @Test
  void scatterAddsRowsThatMeet() {
    var table = values(100, 0, 0, 0, 0, 1);
    BACKEND.scatterAddRows(2, indices(2, 0, 2), values(1, 2, 3, 4, 5, 6), table);
    assertValues(table, 103, 4, 0, 0, 6, 9);
  }

  @Test
  void anIdWithoutARowIsNamed() {
    var error =
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> BACKEND.gatherRows(1, empty(173), indices(0, 1, 2, 3, 4, 173), empty(6)));
    assertEquals(
        "gatherRows: id 173 at position 5 has no row in a table of 173 rows", error.getMessage());
    var negative =
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> BACKEND.scatterAddRows(2, indices(-1), empty(2), empty(4)));
    assertEquals(
        "scatterAddRows: id -1 at position 0 has no row in a table of 2 rows",
        negative.getMessage());
  }
}
