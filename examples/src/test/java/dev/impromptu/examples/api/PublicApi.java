package dev.impromptu.examples.api;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.TypeVariable;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What others can compile against, as text: one line for each public type of the named packages and
 * for each of its public or protected members, in alphabetical order.
 */
final class PublicApi {
  private PublicApi() {}

  /** The packages that the module of a class gives to all. */
  static String exported(Class<?> inside) {
    return read(inside, root -> text(root, exports(root)::contains));
  }

  /** Some packages of the artifact that holds a class. */
  static String of(Class<?> inside, Predicate<String> packages) {
    return read(inside, root -> text(root, packages));
  }

  private static Set<String> exports(Path root) throws IOException {
    try (InputStream in = Files.newInputStream(root.resolve("module-info.class"))) {
      return ModuleDescriptor.read(in).exports().stream()
          .filter(exports -> !exports.isQualified())
          .map(ModuleDescriptor.Exports::source)
          .collect(Collectors.toSet());
    }
  }

  private interface Reader {
    String read(Path root) throws IOException, ClassNotFoundException;
  }

  /** The artifact is a folder of classes or a jar. */
  private static String read(Class<?> inside, Reader reader) {
    try {
      Path artifact = Path.of(inside.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(artifact)) {
        return reader.read(artifact);
      }
      try (FileSystem jar = FileSystems.newFileSystem(artifact)) {
        return reader.read(jar.getPath("/"));
      }
    } catch (IOException | URISyntaxException | ClassNotFoundException e) {
      throw new IllegalStateException("The public API of " + inside + " cannot be read", e);
    }
  }

  private static String text(Path root, Predicate<String> packages)
      throws IOException, ClassNotFoundException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      files
          .map(file -> root.relativize(file).toString().replace('\\', '/'))
          .filter(name -> name.startsWith("dev/impromptu/") && name.endsWith(".class"))
          .filter(name -> !name.endsWith("-info.class"))
          .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
          .filter(name -> packages.test(name.substring(0, name.lastIndexOf('.'))))
          .forEach(names::add);
    }
    Collections.sort(names);
    var text = new StringBuilder();
    for (String name : names) {
      Class<?> type = Class.forName(name, false, PublicApi.class.getClassLoader());
      if (isOpen(type)) {
        text.append(head(type)).append('\n');
        members(type).forEach(member -> text.append("  ").append(member).append('\n'));
        text.append('\n');
      }
    }
    return text.toString();
  }

  /** Whether it can be named from outside: public, and all around it too. */
  private static boolean isOpen(Class<?> type) {
    if (type.isSynthetic() || type.isAnonymousClass() || type.isLocalClass()) {
      return false;
    }
    return isOpen(type.getModifiers())
        && (type.getEnclosingClass() == null || isOpen(type.getEnclosingClass()));
  }

  private static boolean isOpen(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static String head(Class<?> type) {
    String kind =
        type.isAnnotation()
            ? "@interface"
            : type.isInterface()
                ? "interface"
                : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
    var head = new StringBuilder(modifiers(type.getModifiers() & ~hidden(type)));
    head.append(type.isSealed() ? "sealed " : "").append(kind).append(' ').append(type.getName());
    head.append(variables(type.getTypeParameters()));
    if (type.isRecord()) {
      head.append(
          Arrays.stream(type.getRecordComponents())
              .map(component -> words(component.getAnnotatedType()) + " " + component.getName())
              .collect(Collectors.joining(", ", "(", ")")));
    }
    AnnotatedType above = type.getAnnotatedSuperclass();
    if (above != null && kind.equals("class") && above.getType() != Object.class) {
      head.append(" extends ").append(words(above));
    }
    if (type.getInterfaces().length > 0) {
      head.append(type.isInterface() ? " extends " : " implements ");
      head.append(list(type.getAnnotatedInterfaces()));
    }
    if (type.isSealed()) {
      head.append(
          Arrays.stream(type.getPermittedSubclasses())
              .map(Class::getName)
              .sorted()
              .collect(Collectors.joining(", ", " permits ", "")));
    }
    return head.toString();
  }

  /** Modifiers that its kind has anyway. */
  private static int hidden(Class<?> type) {
    // Of an annotation and an enum, bits without a name.
    int always = Modifier.STATIC | Modifier.INTERFACE | 0x2000 | 0x4000;
    if (type.isInterface()) {
      return always | Modifier.ABSTRACT;
    }
    return type.isEnum() || type.isRecord() ? always | Modifier.FINAL : always;
  }

  private static Set<String> members(Class<?> type) {
    Set<String> lines = new TreeSet<>();
    for (Field field : type.getDeclaredFields()) {
      if (isShown(field)) {
        lines.add(
            modifiers(field.getModifiers())
                + words(field.getAnnotatedType())
                + " "
                + field.getName());
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isShown(constructor)) {
        lines.add(signature(constructor, "new"));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (isShown(method) && !method.isBridge() && !isOfObject(method)) {
        String result = words(method.getAnnotatedReturnType()) + " " + method.getName();
        lines.add((method.isDefault() ? "default " : "") + signature(method, result));
      }
    }
    return lines;
  }

  /** Everything has these; whether it has its own is no matter of compiling. */
  private static boolean isOfObject(Method method) {
    return switch (method.getName()) {
      case "toString", "hashCode" -> method.getParameterCount() == 0;
      case "equals" -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {Object.class});
      default -> false;
    };
  }

  private static boolean isShown(Member member) {
    return isOpen(member.getModifiers()) && !member.isSynthetic();
  }

  private static String signature(Executable executable, String name) {
    String variables = variables(executable.getTypeParameters());
    // Varargs and bridges share bits with transient and volatile.
    int shown = executable.getModifiers() & Modifier.methodModifiers() & ~Modifier.SYNCHRONIZED;
    String thrown =
        executable.getExceptionTypes().length == 0
            ? ""
            : " throws " + list(executable.getAnnotatedExceptionTypes());
    return modifiers(shown)
        + (variables.isEmpty() ? "" : variables + " ")
        + name
        + "("
        + list(executable.getAnnotatedParameterTypes())
        + (executable.isVarArgs() ? " ..." : "")
        + ")"
        + thrown;
  }

  private static String modifiers(int modifiers) {
    return modifiers == 0 ? "" : Modifier.toString(modifiers) + " ";
  }

  private static String variables(TypeVariable<?>[] variables) {
    return variables.length == 0
        ? ""
        : Arrays.stream(variables)
            .map(each -> each.getName() + bounds(each))
            .collect(Collectors.joining(", ", "<", ">"));
  }

  private static String bounds(TypeVariable<?> variable) {
    String bounds =
        Arrays.stream(variable.getAnnotatedBounds())
            .map(PublicApi::words)
            .collect(Collectors.joining(" & "));
    return bounds.equals("Object") ? "" : " extends " + bounds;
  }

  private static String list(AnnotatedType[] types) {
    return Arrays.stream(types).map(PublicApi::words).collect(Collectors.joining(", "));
  }

  private static String words(AnnotatedType type) {
    return type.toString()
        .replaceAll("@org\\.jspecify\\.annotations\\.(\\w+)\\(\\)", "@$1")
        .replaceAll("\\bjava\\.lang\\.(?=[A-Z])", "");
  }
}
