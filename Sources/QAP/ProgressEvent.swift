/// Something worth telling the user while a run goes on.
public enum ProgressEvent: Sendable {
  /// A better assignment was found.
  case incumbent(SearchStatus, source: String)
  /// A better bound was proven.
  case bound(SearchStatus, source: String)
  /// Nothing new, but the method is alive; sent often, meant to be thinned out by the listener.
  case working(SearchStatus, source: String)
  /// A decision explained in a sentence.
  case note(String)
}
