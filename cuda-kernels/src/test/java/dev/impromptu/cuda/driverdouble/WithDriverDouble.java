package dev.impromptu.cuda.driverdouble;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that run on the driver double where the process finds one. Each begins with no orders and
 * counters at zero, may take a {@link DriverDouble} as a parameter, and fails if it left device
 * memory damaged or something behind. On another driver nothing of this happens, and tests that
 * take the parameter are skipped.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(DriverDoubleExtension.class)
public @interface WithDriverDouble {
  /** What a test may leave behind. */
  Leaks leaks() default Leaks.NONE;

  /** What a test may leave behind. */
  enum Leaks {
    /** Nothing: what is there afterwards was there before, and no context ended with memory. */
    NONE,
    /** Memory that the end of its context frees, as the driver does. */
    FREED_WITH_CONTEXT,
    /** Anything: for tests that share what they open. */
    ANY
  }
}
