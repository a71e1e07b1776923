package dev.impromptu.pytorch;

import static dev.impromptu.pytorch.TorchOptimizers.BETA1;
import static dev.impromptu.pytorch.TorchOptimizers.BETA2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.functional.CrossEntropyOptions;
import dev.impromptu.nn.LayerNorm;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.AdamW;
import dev.impromptu.optim.RMSProp;
import dev.impromptu.optim.SGD;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Conv1dOptions;
import org.bytedeco.pytorch.CrossEntropyLossOptions;
import org.bytedeco.pytorch.ELUOptions;
import org.bytedeco.pytorch.EmbeddingOptions;
import org.bytedeco.pytorch.GRUOptions;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.LayerNormOptions;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.RMSpropOptions;
import org.bytedeco.pytorch.SGDOptions;
import org.junit.jupiter.api.Test;

/** What is not chosen is what PyTorch takes, by its own objects of options. */
class DefaultsTest {
  @Test
  void ofAdam() {
    var options = new AdamOptions();
    assertEquals(options.betas().get(BETA1), Adam.BETA1);
    assertEquals(options.betas().get(BETA2), Adam.BETA2);
    assertEquals(options.eps().get(), Adam.EPSILON);
    // What ours does not have.
    assertEquals(0, options.weight_decay().get());
    assertFalse(options.amsgrad().get());
  }

  @Test
  void ofAdamW() {
    var options = new AdamWOptions();
    assertEquals(
        new AdamW.Settings(
            options.lr().get(),
            options.betas().get(BETA1),
            options.betas().get(BETA2),
            options.eps().get(),
            options.weight_decay().get(),
            Double.POSITIVE_INFINITY),
        AdamW.Settings.DEFAULTS);
    assertFalse(options.amsgrad().get());
  }

  @Test
  void ofRmsProp() {
    var options = new RMSpropOptions();
    assertEquals(
        new RMSProp.Settings(
            options.lr().get(),
            options.alpha().get(),
            options.eps().get(),
            options.weight_decay().get(),
            options.momentum().get(),
            options.centered().get(),
            Double.POSITIVE_INFINITY),
        RMSProp.Settings.DEFAULTS);
  }

  @Test
  void ofSgd() {
    // C++ wants a rate; the one of torch.optim.SGD in Python is 1e-3.
    var options = new SGDOptions(1e-3);
    assertEquals(
        new SGD.Settings(
            options.lr().get(),
            options.momentum().get(),
            options.dampening().get(),
            options.nesterov().get(),
            options.weight_decay().get(),
            Double.POSITIVE_INFINITY),
        SGD.Settings.DEFAULTS);
  }

  @Test
  void ofTheCrossEntropy() {
    var options = new CrossEntropyLossOptions();
    assertEquals(
        new CrossEntropyOptions(
            Math.toIntExact(options.ignore_index().get()), options.label_smoothing().get(), null),
        CrossEntropyOptions.DEFAULTS);
    assertFalse(options.weight().defined());
  }

  @Test
  void ofLayers() {
    var norm = new LayerNormOptions(new LongVector(new long[] {5}));
    assertEquals(norm.eps().get(), LayerNorm.EPSILON);
    assertTrue(norm.elementwise_affine().get());
    assertEquals(1, new ELUOptions().alpha().get());

    var conv = new Conv1dOptions(2, 3, new LongPointer(new long[] {3}));
    assertEquals(1, conv.stride().get());
    assertEquals(0, conv.padding().get0().get());
    assertEquals(1, conv.dilation().get());
    // What ours do not offer.
    assertEquals(1, conv.groups().get());
    assertTrue(conv.bias().get());
    assertTrue(new LinearOptions(2, 3).bias().get());
    assertFalse(new EmbeddingOptions(2, 3).padding_idx().has_value());
    assertFalse(new EmbeddingOptions(2, 3).max_norm().has_value());
    var lstm = new LSTMOptions(2, 3);
    assertTrue(lstm.bias().get());
    assertEquals(0, lstm.dropout().get());
    assertEquals(0, lstm.proj_size().get());
    var gru = new GRUOptions(2, 3);
    assertTrue(gru.bias().get());
    assertEquals(0, gru.dropout().get());
    assertFalse(gru.bidirectional().get());
  }
}
