import ArgumentParser
import QAP
import QAPInstanceIO
import QAPPrimitives

/// Options for further layers of costs, and for several facilities at one location.
public struct LayerOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp(
      "Add the products of another flow and another distance matrix (.npy, .csv); may be repeated.",
      valueName: "files"))
  public var layer: [String] = []

  @Option(
    name: .long, parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Factor of each --layer, in their order (default: 1).", valueName: "factor"))
  public var weight: [Double] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of facilities that each location takes, one per line or .npy (default: 1 each).",
      valueName: "file"))
  public var capacity: String?

  public init() {}

  public func validate() throws {
    guard layer.count % 2 == 0 else {
      throw ValidationError("--layer needs two files, a flow and a distance matrix")
    }
    guard weight.isEmpty || weight.count == layer.count / 2 else {
      throw ValidationError(
        "--weight: found \(weight.count), expected one for each of \(layer.count / 2) layers")
    }
    if let fault = weight.first(where: { !$0.isFinite }) {
      throw ValidationError("--weight must be a number, not \(fault)")
    }
    if capacity != nil, !layer.isEmpty {
      throw ValidationError("--layer does not apply with --capacity")
    }
  }

  /// The instance in the file, with layers and capacities.
  public func read(_ file: String) throws -> StatedInstance {
    let capacities = try capacity.map { try IndexFile.readIndices($0, below: 1 << 31) }
    let stated = try InstanceFile.problem(file, capacities: capacities, note: Console.note)
    let instance = stated.instance
    let layered = try instance.adding(
      stride(from: 0, to: layer.count, by: 2).map { index in
        CostLayer(
          flow: try matrix(layer[index], instance.size),
          distance: try matrix(layer[index + 1], instance.size),
          weight: weight.isEmpty ? 1 : weight[index / 2])
      })
    return StatedInstance(instance: layered, sense: stated.sense)
  }

  private func matrix(_ path: String, _ size: Int) throws -> Matrix<Double> {
    let found = try EmbeddingFile.read(path)
    guard found.count == 1, found[0].rows == size, found[0].columns == size else {
      throw InputError(
        path, found: "\(found[0].rows) × \(found[0].columns) numbers",
        expected: "\(size) × \(size), as in the instance")
    }
    return found[0]
  }
}
