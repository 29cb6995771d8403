import QAP
import QAPPrimitives

/// A family of generated instances, as the command line offers it: everything follows from a size
/// and a seed.
public struct Family: Sendable {
  /// The name on the command line.
  public let id: String
  /// One line for the list of families.
  public let summary: String
  /// The size when none is given.
  public let defaultSize: Int

  private let make: @Sendable (Int, UInt64) throws(InputError) -> Generated

  /// An instance of `size` facilities; the same size and seed give the same instance everywhere.
  ///
  /// - Throws: `InputError` for a size that the family does not have.
  public func generate(size: Int? = nil, seed: UInt64 = 0) throws(InputError) -> Generated {
    let size = size ?? defaultSize
    try Generated.check(size: size, atLeast: 1)
    return try make(size, seed)
  }

  /// The families, in the order of the list.
  public static let all: [Family] = single + layouts

  private static let single: [Family] = [
    Family(
      id: "taillard-uniform", summary: "symmetric integers 0–99 (Taillard 1991: tai12a, …)",
      defaultSize: 12
    ) { size, seed throws(InputError) in
      // Seeds that the generator knows are kept, so that the published ones work.
      let states = UInt64(LehmerGenerator.modulus - 1)
      let first = seed == 0 ? states : (seed - 1) % states + 1
      return Generated(try TaillardUniform(size: size, firstSeed: Int(first)).instance())
    },
    Family(
      id: "grid", summary: "random flows on a grid at Manhattan distances (Nugent et al. 1968)",
      defaultSize: 12
    ) { size, seed throws(InputError) in
      let rows = Grid.squarestRows(size)
      return Generated(try Grid(rows: rows, columns: size / rows).instance(seed: seed))
    },
    Family(
      id: "grey-pattern",
      summary: "spread black cells evenly on a torus; the seed draws their number (Taillard 1995)",
      defaultSize: 16
    ) { size, seed throws(InputError) in
      let rows = Grid.squarestRows(size)
      var generator = SeededGenerator(seed: seed)
      let least = (size + 7) / 8
      let density = least + generator.below(max(1, size / 2 - least + 1))
      let pattern = try GreyPattern(rows: rows, columns: size / rows, density: density)
      return Generated(pattern.instance())
    },
    Family(
      id: "planted-gw", summary: "match points with a noisy shuffled copy (Mémoli 2011)",
      defaultSize: 16
    ) { size, seed throws(InputError) in
      try PlantedGromovWasserstein(size: size).generate(seed: seed)
    },
    Family(
      id: "taillard-real",
      summary: "clusters in the plane, flows ⌊10^X⌋ (Taillard 1995: tai20b, …)", defaultSize: 20
    ) { size, seed throws(InputError) in
      Generated(try TaillardReal(size: size).instance(seed: seed))
    },
    Family(
      id: "drezner",
      summary: "flows along a hidden grid, optimum known (Drezner, Hahn, Taillard 2005: dre15, …)",
      defaultSize: 24
    ) { size, seed throws(InputError) in
      let rows = Grid.squarestRows(size)
      return try DreznerGrid(rows: rows, columns: size / rows).generate(seed: seed)
    },
    Family(
      id: "rectilinear",
      summary: "Manhattan distances, optimum known (after Palubeckis 1999)", defaultSize: 20
    ) { size, seed throws(InputError) in
      let rows = Grid.squarestRows(size)
      return try RectilinearPlanted(rows: rows, columns: size / rows).generate(seed: seed)
    },
    Family(
      id: "hypercube", summary: "sparse flows along the edges of a hypercube, optimum known",
      defaultSize: 16
    ) { size, seed throws(InputError) in
      try HypercubeFlows(size: size).generate(seed: seed)
    },
    Family(
      id: "multi-level",
      summary:
        "blocks in blocks in both matrices (after Drezner, Hahn, Taillard 2005: tai27e01, …)",
      defaultSize: 27
    ) { size, seed throws(InputError) in
      try MultiLevel(size: size).generate(seed: seed)
    },
  ]

  /// The six combinations of distances and flows after Stützle and Fernandes 2004.
  private static let layouts = ClusteredLayout.Layout.allCases.flatMap { layout in
    ClusteredLayout.Flow.allCases.map { flow in
      let plus = flow == .structuredPlus
      return Family(
        id: "\(layout.rawValue)-\(plus ? "structured-plus" : flow.rawValue)",
        summary: (layout == .grid ? "a grid" : "clusters in the plane")
          + ", \(plus ? "mostly local" : flow == .random ? "random" : "local") flows "
          + "(after Stützle, Fernandes 2004)", defaultSize: 20
      ) { size, seed throws(InputError) in
        Generated(try ClusteredLayout(size: size, layout: layout, flow: flow).instance(seed: seed))
      }
    }
  }

  /// The family called `id`; nil when there is none.
  public static func named(_ id: String) -> Family? { all.first { $0.id == id } }

  /// The names of QAPLIB's files that a family reproduces number by number.
  public static let publishedNames: [String] =
    TaillardUniform.published.map(\.name) + GreyPattern.published.map(\.name)

  /// QAPLIB's instance `name`, generated; nil when no family reproduces it.
  public static func published(_ name: String) -> Instance? {
    if let row = TaillardUniform.published.first(where: { $0.name == name }) {
      let family = try? TaillardUniform(
        size: row.size, firstSeed: row.firstSeed, secondSeed: row.secondSeed)
      return family?.instance(name: name)
    }
    if let row = GreyPattern.published.first(where: { $0.name == name }) {
      let family = try? GreyPattern(rows: row.rows, columns: row.columns, density: row.density)
      return family?.instance(name: name)
    }
    return nil
  }
}
