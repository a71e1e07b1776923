package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.cuda.LstmPath.Chip;
import dev.impromptu.cuda.LstmPath.Way;
import org.junit.jupiter.api.Test;

class LstmPathTest {
  private static final Chip HOPPER = new Chip(90, 132);
  private static final Chip TURING = new Chip(75, 40);

  @Test
  void hopperRunsTheOriginalsModelInClusters() {
    for (int batch : new int[] {1, 7, 8, 9, 64, 256}) {
      assertEquals(Way.CLUSTER, LstmPath.of(batch, 256, HOPPER).way());
    }
  }

  @Test
  void aBatchIsSpreadOverTheClustersThatRunAtOnce() {
    assertEquals(new LstmPath(Way.CLUSTER, 1), LstmPath.of(8, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 1), LstmPath.of(15, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 2), LstmPath.of(16, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 4), LstmPath.of(32, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 4), LstmPath.of(256, 256, HOPPER));
    assertEquals(new LstmPath(Way.CLUSTER, 4), LstmPath.of(8, 256, new Chip(90, 8)));
  }

  @Test
  void clustersEndWhereRegistersDoNotHoldTheWeight() {
    assertTrue(LstmPath.clustersHold(8, HOPPER));
    assertTrue(LstmPath.clustersHold(256, HOPPER));
    assertFalse(LstmPath.clustersHold(264, HOPPER));
    assertFalse(LstmPath.clustersHold(100, HOPPER));
    assertFalse(LstmPath.clustersHold(256, new Chip(89, 132)));
  }

  @Test
  void fewerMultiprocessorsThanAClusterHasBlocksGoStepByStep() {
    Chip share = new Chip(90, 7);
    assertEquals(Way.STEP, LstmPath.of(8, 256, share).way());
    assertEquals(Way.CLUSTER, LstmPath.of(8, 256, new Chip(90, 8)).way());
    assertTrue(LstmPath.rule(share).contains("need 8 multiprocessors"), LstmPath.rule(share));
  }

  @Test
  void statesFitIntoTheSharedMemoryThatABlockHasWithoutAsking() {
    assertEquals(8 << 10, new LstmPath(Way.CLUSTER, 4).sharedBytes(256, false));
    assertEquals(32 << 10, new LstmPath(Way.CLUSTER, 4).sharedBytes(256, true));
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
  void asManyMultiprocessorsAsAClusterNeedsChooseNoOtherWay() {
    for (int hidden : new int[] {1, 8, 100, 256, 320, 512}) {
      for (int batch : new int[] {1, 9, 256, 2000}) {
        Way way = LstmPath.of(batch, hidden, HOPPER).way();
        assertEquals(way, LstmPath.of(batch, hidden, new Chip(90, 8)).way());
        assertEquals(way, LstmPath.of(batch, hidden, new Chip(90, 500)).way());
      }
    }
  }

  @Test
  void theRuleIsToldAsItAppliesToTheChip() {
    assertTrue(LstmPath.rule(HOPPER).contains("up to 256"), LstmPath.rule(HOPPER));
    assertTrue(LstmPath.rule(TURING).contains("need sm_90"), LstmPath.rule(TURING));
  }
}
