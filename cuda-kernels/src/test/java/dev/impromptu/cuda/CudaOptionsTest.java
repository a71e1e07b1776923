package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CudaOptionsTest {
  private static final String[] NAMES = {
    "impromptu.cuda.products",
    "impromptu.cuda.lstm",
    "impromptu.cuda.conv",
    "impromptu.cuda.pool",
    "impromptu.leaks"
  };

  private final String[] before = new String[NAMES.length];

  @BeforeEach
  void clear() {
    for (int i = 0; i < NAMES.length; i++) {
      before[i] = System.clearProperty(NAMES[i]);
    }
  }

  @AfterEach
  void restore() {
    for (int i = 0; i < NAMES.length; i++) {
      if (before[i] == null) {
        System.clearProperty(NAMES[i]);
      } else {
        System.setProperty(NAMES[i], before[i]);
      }
    }
  }

  @Test
  void usuallyTheKernelsRunAndCublasMultiplies() {
    assertEquals(
        new CudaOptions(
            Products.CUBLAS, Implementation.KERNEL, Implementation.KERNEL, false, false),
        CudaOptions.fromProperties());
  }

  @Test
  void everyPropertyIsRead() {
    System.setProperty("impromptu.cuda.products", "kernel");
    System.setProperty("impromptu.cuda.lstm", "cudnn");
    System.setProperty("impromptu.cuda.conv", "cudnn");
    System.setProperty("impromptu.cuda.pool", "exact");
    System.setProperty("impromptu.leaks", "trace");

    assertEquals(
        new CudaOptions(Products.KERNEL, Implementation.CUDNN, Implementation.CUDNN, true, true),
        CudaOptions.fromProperties());
  }

  @Test
  void anUnknownValueIsRefusedByName() {
    System.setProperty("impromptu.cuda.lstm", "cuDNN");

    var e = assertThrows(IllegalArgumentException.class, CudaOptions::fromProperties);

    assertEquals(
        "impromptu.cuda.lstm: expected one of [kernel, cudnn], but got 'cuDNN'", e.getMessage());
  }

  @Test
  void eachPropertyIsReadForItself() {
    System.setProperty("impromptu.cuda.conv", "cudnn");
    assertEquals(
        new CudaOptions(Products.CUBLAS, Implementation.KERNEL, Implementation.CUDNN, false, false),
        CudaOptions.fromProperties());
    System.clearProperty("impromptu.cuda.conv");
    System.setProperty("impromptu.cuda.lstm", "cudnn");
    System.setProperty("impromptu.leaks", "trace");
    assertEquals(
        new CudaOptions(Products.CUBLAS, Implementation.CUDNN, Implementation.KERNEL, false, true),
        CudaOptions.fromProperties());
  }
}
