import QAP

extension InputError {
  /// Rows of `source` that no kernel can tell apart.
  init(allAlike source: String) {
    self.init(source, found: "rows that are all equal", expected: "rows that differ")
  }
}
