import QAPPrimitives

extension String {
  /// This paragraph in lines of at most `width` characters, each after `indent` blanks, the first
  /// one after `first` instead if it is given.
  func wrapped(width: Int = 78, indent: Int = 0, first: String? = nil) -> String {
    let blanks = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = first ?? blanks
    var isEmpty = true
    for word in split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = blanks
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// This text with blanks up to `width`, one at least.
  func padded(to width: Int) -> String {
    leftAligned(max(width, count + 1))
  }
}
