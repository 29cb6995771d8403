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

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Let facilities and locations stay without each other: each without a partner costs this.",
      valueName: "cost"))
  public var outliers: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With --outliers: maximum number without a partner on the smaller side.",
      valueName: "n"))
  public var maxOutliers: Int?

  public init() {}

  public func validate() throws {
    try validateOutliers(outliers, maxCount: maxOutliers)
    if outliers != nil, capacity != nil {
      throw ValidationError("--outliers does not apply with --capacity")
    }
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

  /// The price of what stays without a partner, as a part of an objective of that sense.
  public func price(_ sense: Sense) -> Double? { outliers.map { sense.value($0) } }

  /// The instance in the file, with layers, capacities and outliers, whose price lowers an
  /// objective that is to be maximized.
  public func read(_ file: String, isMaximized: Bool) throws -> StatedInstance {
    let capacities = try capacity.map { try IndexFile.readIndices($0, below: 1 << 31) }
    func price(_ sense: Sense) -> Outliers? {
      self.price(isMaximized ? .max : sense).map { Outliers(cost: $0, maxCount: maxOutliers) }
    }
    let stated = try InstanceFile.problem(
      file, capacities: capacities, outliers: layer.isEmpty ? price : { _ in nil },
      note: Console.note)
    let instance = stated.instance
    if layer.isEmpty { return stated }
    var layered = try instance.adding(
      stride(from: 0, to: layer.count, by: 2).map { index in
        CostLayer(
          flow: try matrix(layer[index], instance.facilities),
          distance: try matrix(layer[index + 1], instance.size),
          weight: weight.isEmpty ? 1 : weight[index / 2])
      })
    if let price = price(stated.sense) { layered = try layered.allowing(price) }
    return StatedInstance(instance: layered, sense: stated.sense)
  }

  /// The two objectives of a sweep: the instance in the file and one --layer, or the two layers of
  /// the file.
  public func readTwo(_ file: String) throws -> (first: Instance, second: CostLayer, sense: Sense) {
    guard capacity == nil else { throw Failure.usage("--capacity does not apply with --pareto") }
    let stated = try InstanceFile.problem(file, note: Console.note)
    let instance = stated.instance
    if layer.count == 2 {
      let second = CostLayer(
        flow: try matrix(layer[0], instance.facilities),
        distance: try matrix(layer[1], instance.size), weight: weight.first ?? 1)
      return (instance, second, stated.sense)
    }
    guard layer.isEmpty, let layers = instance.layers, layers.count == 2 else {
      throw Failure.usage(
        "--pareto needs two layers: one --layer, or a .json file with two that share no matrix")
    }
    let first = try Instance(
      name: instance.name, layers: [layers[0]], linear: instance.givenLinear,
      constant: instance.constant)
    return (first, layers[1], stated.sense)
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

/// Checks the options for what stays without a partner.
///
/// - Throws: `ValidationError`.
public func validateOutliers(_ cost: Double?, maxCount: Int?) throws {
  if let cost, !cost.isFinite {
    throw ValidationError("--outliers must be a number, not \(cost)")
  }
  guard let maxCount else { return }
  if maxCount < 0 { throw ValidationError("--max-outliers must be at least 0, not \(maxCount)") }
  if cost == nil { throw ValidationError("--max-outliers applies only with --outliers") }
}
