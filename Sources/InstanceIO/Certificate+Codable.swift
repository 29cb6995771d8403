import QAP

/// A certificate as the text of its file, one string.
extension Certificate: Codable {
  /// Writes the text of the file.
  ///
  /// - Throws: what `encoder` throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(decoding: CertificateFile.format(self), as: UTF8.self))
  }

  /// Reads the text of a file.
  ///
  /// - Throws: `InputError`, with line and column, when it is no certificate.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    self = try CertificateFile.parse(Array(text.utf8), file: "certificate")
  }
}
