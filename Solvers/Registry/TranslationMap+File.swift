import QAP
import QAPInstanceIO
import QAPMatching

extension TranslationMap {
  /// Reads the map in the archive at `path`, as `write(to:options:)` leaves it.
  ///
  /// - Throws: `FileError` when there is nothing to read, `InputError` when it is no map, and
  ///   `InputError` when its parts do not fit each other.
  public init(file path: String) throws {
    let arrays = try NPZ.readArrays(path)
    func array(_ name: String, axes: Int) throws(InputError) -> NumericArray {
      guard let array = arrays.first(where: { $0.name == name })?.array else {
        throw InputError(
          path, found: "no array '\(name)'", expected: "a map as 'qap translate -o' writes it"
        )
      }
      guard array.shape.count == axes else {
        throw InputError(path, found: "'\(name)' of shape \(array.shape)", expected: "\(axes) axes")
      }
      return array
    }
    guard let weight = try array("weight", axes: 2).matrix else {
      preconditionFailure("an array of two axes is a matrix")
    }
    try self.init(
      sourceMean: try array("source_mean", axes: 1).elements,
      targetMean: try array("target_mean", axes: 1).elements,
      targetScale: try array("target_scale", axes: 0).elements[0], weight: weight, name: path)
  }

  /// Writes the map to `path`, atomically, as a NumPy archive of `source_mean`, `target_mean`,
  /// `target_scale` and `weight`, and of the single numbers `options`.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public func write(to path: String, options: [(name: String, value: Double)] = []) throws {
    let numbers = [(name: "target_scale", value: targetScale)] + options
    try NPZ.writeArrays(
      [
        ("source_mean", NumericArray(shape: [sourceMean.count], elements: sourceMean)),
        ("target_mean", NumericArray(shape: [targetMean.count], elements: targetMean)),
        ("weight", NumericArray(weight)),
      ] + numbers.map { ($0.name, NumericArray(shape: [], elements: [$0.value])) }, to: path)
  }
}
