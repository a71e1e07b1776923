package dev.impromptu.examples.cli;

import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.io.JsonException;
import dev.impromptu.music.songbook.SongbookException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Turns whatever went wrong into one sentence and an exit status.
 *
 * @param trace whether the stack trace is shown as well
 * @param training whether the command has a batch that could be smaller
 */
record Failures(PrintWriter err, boolean trace, boolean training)
    implements IExecutionExceptionHandler, IParameterExceptionHandler {

  static final int BAD_INPUT = 1;
  static final int BAD_USAGE = 2;

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String message = String.valueOf(e.getMessage()).replaceFirst("^Error: ", "");
    print(
        "%s; '%s --help' lists what there is"
            .formatted(message, command.getCommandSpec().qualifiedName()),
        e);
    return BAD_USAGE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult result) {
    return report(e);
  }

  /** Prints the sentence and gives the exit status. */
  int report(Throwable e) {
    print(sentence(e, training), e);
    return e instanceof UsageException ? BAD_USAGE : BAD_INPUT;
  }

  private void print(String sentence, Throwable e) {
    err.println("impromptu: " + sentence.strip().replaceAll("\\s*\\R\\s*", " "));
    if (trace) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  static String sentence(Throwable e, boolean training) {
    return switch (e) {
      case UncheckedIOException unchecked -> sentence(unchecked.getCause(), training);
      case FileSystemException file -> sentence(file);
      case OutOfMemoryError _ ->
          ("The memory ran out at its limit of %d MB; raise it with"
                  + " IMPROMPTU_JAVA_OPTS=-Xmx4g%s")
              .formatted(
                  Runtime.getRuntime().maxMemory() >> 20,
                  training ? ", or ask for a smaller --batch" : "");
      case UsageException _,
          InputException _,
          IllegalArgumentException _,
          BackendUnavailableException _,
          JsonException _,
          SongbookException _,
          IOException _
          when e.getMessage() != null ->
          e.getMessage();
      default -> "Unexpected %s; run it again with --trace and report what it prints".formatted(e);
    };
  }

  private static String sentence(FileSystemException e) {
    return switch (e) {
      case NoSuchFileException _ -> e.getFile() + ": there is no such file or folder";
      case AccessDeniedException _ ->
          e.getFile() + ": access is denied; change its permissions or name another place";
      case FileAlreadyExistsException _ ->
          e.getFile() + ": is a file, expected a folder; name another place";
      default -> e.getMessage();
    };
  }
}
