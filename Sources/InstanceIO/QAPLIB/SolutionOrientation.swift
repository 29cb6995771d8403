import QAP
import QAPPrimitives

/// The orientation of a solution file's permutation.
public enum SolutionOrientation: String, Sendable {
  /// It sends facilities to locations, as QAPLIB says.
  case forward
  /// It sends locations to facilities.
  case inverse
}
