extension String {
  /// This text with spaces after it, to `width` characters.
  package func leftAligned(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  /// This text with spaces before it, to `width` characters; never fewer than `minSpaces`.
  package func rightAligned(_ width: Int, minSpaces: Int = 0) -> String {
    String(repeating: " ", count: max(minSpaces, width - count)) + self
  }
}

/// A line of a table: each text with spaces before it, to its width.
package func columns(_ cells: [(text: String, width: Int)]) -> String {
  cells.map { $0.text.rightAligned($0.width) }.joined()
}
