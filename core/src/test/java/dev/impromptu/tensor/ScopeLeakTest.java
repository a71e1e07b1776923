package dev.impromptu.tensor;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ScopeLeakTest {
  @Test
  void aScopeThatItsThreadLeftOpenIsReportedWithThePlaceThatOpenedIt() throws Exception {
    var reports = new LinkedBlockingQueue<String>();
    var usual = ScopeOpening.report;
    ScopeOpening.report = reports::add;
    try {
      Thread.ofPlatform().start(ScopeLeakTest::openAndForget).join();
      String report = null;
      for (int i = 0; i < 100 && report == null; i++) {
        System.gc();
        report = reports.poll(100, TimeUnit.MILLISECONDS);
      }
      assertNotNull(report);
      assertTrue(report.contains("ScopeLeakTest.openAndForget(ScopeLeakTest.java:"), report);
      assertTrue(report.contains("was never closed, and its thread has ended"), report);
    } finally {
      ScopeOpening.report = usual;
    }
  }

  private static void openAndForget() {
    Scope.open();
  }

  @Test
  void aScopeLeftOpenInsideIsNamedWithThePlaceThatOpenedIt() {
    var outer = Scope.open();
    var left = Scope.inference();
    var e = assertThrows(IllegalStateException.class, outer::close);
    assertTrue(
        e.getMessage()
            .matches(
                "Scope: the one opened at \\S*ScopeLeakTest.aScopeLeftOpenInside\\w+\\(ScopeLeakTest.java:\\d+\\)"
                    + " cannot be closed; on thread '.*' the innermost is the one opened at"
                    + " \\S*ScopeLeakTest.aScopeLeftOpenInside\\w+\\(ScopeLeakTest.java:\\d+\\); close"
                    + " scopes in the reverse order of opening, best with try-with-resources"),
        e.getMessage());
    left.close();
    outer.close();
  }
}
