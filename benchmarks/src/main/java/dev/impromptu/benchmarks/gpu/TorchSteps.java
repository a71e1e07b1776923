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
  /** The script prints one for each way of running the step: direct and as a graph. */
  private static final int LINES = 2 * Precision.values().length;

  private final Options options;
  private final Report report;
  private final String python;
  private Optional<Path> script;

  TorchSteps(Options options, Report report) {
    this(options, report, "python3");
  }

  /**
   * With an interpreter of another name.
   *
   * @param python runs the script
   */
  TorchSteps(Options options, Report report, String python) {
    this.options = options;
    this.report = report;
    this.python = python;
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
        for (String line : call(script.get(), model, file, work)) {
          add(Json.parseObject("torch_step.py", line), work, what, expected);
        }
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException | UncheckedIOException e) {
      report.note("step: without PyTorch from %s on: %s".formatted(work, e.getMessage()));
      script = Optional.empty();
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

  private List<String> call(Path torch, StepModel model, Path file, String work)
      throws IOException {
    Effort effort = options.effort();
    Process process =
        new ProcessBuilder(
                python,
                torch.toString(),
                model.name().toLowerCase(Locale.ROOT),
                file.toString(),
                String.valueOf(effort.warmUp()),
                String.valueOf(effort.most()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> lines;
    try (var output = process.inputReader(StandardCharsets.UTF_8)) {
      lines = output.lines().filter(line -> line.startsWith("{")).toList();
    }
    int status = ended(process);
    if (status != 0 || lines.size() < LINES) {
      report.note(
          "step: PyTorch's process for %s ended with status %d after %d of %d lines; its error output says why"
              .formatted(work, status, lines.size(), LINES));
    }
    return lines;
  }

  private static int ended(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while PyTorch's process ended", e);
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
