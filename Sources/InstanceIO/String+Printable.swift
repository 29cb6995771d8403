import QAP

extension String {
  /// The first forty characters with everything but printable ASCII escaped, for error messages.
  var printable: String {
    unicodeScalars.prefix(40).map { $0.escaped(asASCII: true) }.joined()
  }
}
