package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.Precision;
import dev.impromptu.benchmarks.Samples;
import dev.impromptu.io.HostArray;
import dev.impromptu.io.Json;
import dev.impromptu.io.JsonObject;
import dev.impromptu.io.Safetensors;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.nn.Module;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * PyTorch's training step in a process of its own: the same model with the same values on the same
 * windows, its loss compared with ours before it is timed.
 */
final class TorchSteps {
  private final Options options;
  private final Report report;
  private final Optional<Path> script;

  TorchSteps(Options options, Report report) {
    this.options = options;
    this.report = report;
    script = options.torch().filter(_ -> report.hasResults());
    if (script.isEmpty()) {
      report.note(
          report.hasResults()
              ? "step: without PyTorch, whose script was not named"
              : "step: without PyTorch, which would be timed on something else");
    }
  }

  void run(StepModel model, WindowBatch windows, String work, String what) {
    if (script.isEmpty()) {
      return;
    }
    try {
      Path folder = Files.createTempDirectory("impromptu-bench-");
      Path file = folder.resolve("step.safetensors");
      try (var ours =
          new StepVariant(Device.cpu(), model.on(Device.cpu(), options.quick()), windows)) {
        write(ours, windows, file);
        List<Result> expected = List.of(new Result("loss", (float) ours.evaluate()));
        for (String line : call(script.get(), model, file)) {
          add(Json.parseObject("torch_step.py", line), work, what, expected);
        }
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("bench: PyTorch's step", e);
    }
  }

  static void write(StepVariant ours, WindowBatch windows, Path file) throws IOException {
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    Module.parameters(ours.model())
        .forEach(
            (name, parameter) ->
                arrays.put(
                    name,
                    HostArray.of(parameter.value().toFloatArray(), parameter.shape().sizes())));
    arrays.put("x", HostArray.of(windows.x(), windows.size(), windows.context()));
    arrays.put("y", HostArray.of(windows.y(), windows.size()));
    new Safetensors(arrays, Map.of()).write(file);
  }

  private List<String> call(Path torch, StepModel model, Path file) throws IOException {
    Effort effort = options.effort();
    Process process =
        new ProcessBuilder(
                "python3",
                torch.toString(),
                model.name().toLowerCase(Locale.ROOT),
                file.toString(),
                String.valueOf(effort.warmUp()),
                String.valueOf(effort.most()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var output = process.inputReader(StandardCharsets.UTF_8)) {
      return output.lines().filter(line -> line.startsWith("{")).toList();
    }
  }

  private void add(JsonObject line, String work, String what, List<Result> expected) {
    Optional<String> failure = line.optionalString("failed");
    Precision precision = Precision.named(line.string("precision"));
    Samples samples = null;
    String verdict;
    if (failure.isPresent()) {
      verdict = "refused: " + failure.get();
    } else {
      Result loss = new Result("loss", (float) line.number("loss"));
      Verdict compared = Verdict.of(List.of(loss), expected, precision, "cpu");
      samples = compared.right() ? new Samples(line.array("micros").numbers()) : null;
      verdict = (compared.right() ? "" : "WRONG: ") + compared.words();
    }
    report.add(
        new Row(
            "step",
            work,
            what,
            "PyTorch " + line.string("version"),
            precision.optionName(),
            line.string("mode"),
            verdict,
            samples));
  }
}
