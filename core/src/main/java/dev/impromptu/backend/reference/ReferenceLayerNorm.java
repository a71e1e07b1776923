package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.ReferenceStorage.doubles;

import dev.impromptu.backend.Storage;
import org.jspecify.annotations.Nullable;

/** Normalisation of rows. */
final class ReferenceLayerNorm {
  private ReferenceLayerNorm() {}

  static void forward(
      double epsilon, Storage x, Storage weight, Storage bias, Storage y, Storage moments) {
    var from = doubles(x);
    var to = doubles(y);
    int width = weight.length();
    for (int row = 0; row < moments.length() / 3; row++) {
      int first = row * width;
      double sum = 0;
      for (int j = 0; j < width; j++) {
        sum += from.get(first + j);
      }
      double mean = sum / width;
      double squares = 0;
      for (int j = 0; j < width; j++) {
        double deviation = from.get(first + j) - mean;
        squares += deviation * deviation;
      }
      double scale = 1 / Math.sqrt(squares / width + epsilon);
      for (int j = 0; j < width; j++) {
        double normal = (from.get(first + j) - mean) * scale;
        to.set(first + j, normal * doubles(weight).get(j) + doubles(bias).get(j));
      }
      doubles(moments).set(3 * row, mean);
      doubles(moments).set(3 * row + 1, 0);
      doubles(moments).set(3 * row + 2, scale);
    }
  }

  static void backward(
      Storage x,
      Storage weight,
      Storage moments,
      Storage dy,
      @Nullable Storage dx,
      Storage dWeight,
      Storage dBias) {
    var given = doubles(dy);
    int width = weight.length();
    doubles(dWeight).fill(0);
    doubles(dBias).fill(0);
    for (int row = 0; row < moments.length() / 3; row++) {
      int first = row * width;
      double mean = doubles(moments).get(3 * row) + doubles(moments).get(3 * row + 1);
      double scale = doubles(moments).get(3 * row + 2);
      double sum = 0;
      double product = 0;
      for (int j = 0; j < width; j++) {
        double normal = (doubles(x).get(first + j) - mean) * scale;
        double d = given.get(first + j);
        doubles(dWeight).add(j, d * normal);
        doubles(dBias).add(j, d);
        sum += d * doubles(weight).get(j);
        product += d * doubles(weight).get(j) * normal;
      }
      for (int j = 0; dx != null && j < width; j++) {
        double normal = (doubles(x).get(first + j) - mean) * scale;
        double d = given.get(first + j) * doubles(weight).get(j);
        doubles(dx).set(first + j, scale * (d - sum / width - normal * product / width));
      }
    }
  }
}
