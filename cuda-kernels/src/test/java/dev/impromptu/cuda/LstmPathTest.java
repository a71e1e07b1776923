package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.cuda.LstmPath.Chip;
import dev.impromptu.cuda.LstmPath.Way;
import org.junit.jupiter.api.Test;

class LstmPathTest {
  private static final int HOPPER_SHARED = 227 << 10;
  private static final Chip HOPPER = new Chip(90, HOPPER_SHARED, 132);
  private static final Chip TURING = new Chip(75, 64 << 10, 40);

  @Test
  void hopperRunsTheOriginalsModelInClusters() {
    for (int batch : new int[] {1, 7, 8, 9, 64, 256}) {
      assertEquals(Way.CLUSTER, LstmPath.of(batch, 256, HOPPER).way());
    }
  }

  @Test
  void aBatchIsSpreadOverTheClustersThatRunAtOnce() {
    assertEquals(new LstmPath(Way.CLUSTER, 1, 1), LstmPath.of(8, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 1, 1), LstmPath.of(16, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 2, 2), LstmPath.of(17, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 4, 4), LstmPath.of(64, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 8, 8), LstmPath.of(256, 256, HOPPER));
    assertEquals(
        new LstmPath(Way.CLUSTER, 8, 8), LstmPath.of(8, 256, new Chip(90, HOPPER_SHARED, 8)));
  }

  @Test
  void whatABlockAsksForFitsIntoItsSharedMemory() {
    for (int hidden = 1; hidden <= 400; hidden++) {
      for (int batch : new int[] {1, 33, 1024}) {
        LstmPath path = LstmPath.of(batch, hidden, HOPPER);
        if (path.way() == Way.CLUSTER) {
          assertEquals(0, hidden % 8);
          assertTrue(path.sharedBytes(hidden, false) <= HOPPER_SHARED, path + ", hidden " + hidden);
          assertTrue(path.sharedBytes(hidden, true) <= HOPPER_SHARED, path + ", hidden " + hidden);
        }
      }
    }
  }

  @Test
  void clustersEndWhereTheWeightNoLongerFits() {
    assertTrue(LstmPath.clustersHold(328, HOPPER));
    assertFalse(LstmPath.clustersHold(336, HOPPER));
    assertFalse(LstmPath.clustersHold(100, HOPPER));
    assertFalse(LstmPath.clustersHold(256, new Chip(90, 99 << 10, 80)));
    assertTrue(LstmPath.clustersHold(208, new Chip(90, 99 << 10, 80)));
    assertFalse(LstmPath.clustersHold(8192, HOPPER));
  }

  @Test
  void olderChipsAndOtherSizesGoStepByStep() {
    assertEquals(Way.STEP, LstmPath.of(8, 256, TURING).way());
    assertEquals(Way.STEP, LstmPath.of(9, 33, HOPPER).way());
    assertEquals(Way.STEP, LstmPath.of(8, 1024, HOPPER).way());
  }

  @Test
  void manyRowsOfALargeWeightAreLeftToProducts() {
    assertEquals(Way.STEP, LstmPath.of(128, 256, TURING).way());
    assertEquals(Way.PRODUCT, LstmPath.of(129, 256, TURING).way());
    assertEquals(Way.PRODUCT, LstmPath.of(9, 1024, HOPPER).way());
    assertEquals(Way.PRODUCT, LstmPath.of(1025, 256, HOPPER).way());
  }

  @Test
  void theNumberOfMultiprocessorsChoosesNoOtherWay() {
    for (int hidden : new int[] {1, 8, 100, 256, 320, 512}) {
      for (int batch : new int[] {1, 9, 256, 2000}) {
        Way way = LstmPath.of(batch, hidden, HOPPER).way();
        assertEquals(way, LstmPath.of(batch, hidden, new Chip(90, HOPPER_SHARED, 4)).way());
        assertEquals(way, LstmPath.of(batch, hidden, new Chip(90, HOPPER_SHARED, 500)).way());
      }
    }
  }

  @Test
  void theRuleIsToldAsItAppliesToTheChip() {
    assertTrue(LstmPath.rule(HOPPER).contains("up to 328"), LstmPath.rule(HOPPER));
    assertTrue(LstmPath.rule(TURING).contains("need sm_90"), LstmPath.rule(TURING));
  }
}
