// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the strictest checks the compiler offers.
let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// What clients of the product QAPKit can import, all of it by `import QAPKit`. (Who imports that module
/// inside this package names these too: its own interface does not change when one of them does.)
let modules = [
  "QAP", "Primitives", "LinearAssignment", "InstanceIO", "Generation", "Verification", "Reporting",
  "LinearProgramming", "DualAscent", "FrankWolfe", "GilmoreLawler", "LinearRelaxation",
  "LocalSearch", "Projection", "Semidefinite", "SubsetSelection", "Automatic", "BranchAndBound",
  "Catalogue", "Matching",
]

/// The solvers: one folder, one family of methods.
let solvers: [Target] = [
  .target(
    name: "DualAscent", dependencies: ["QAP", "LinearAssignment", "Primitives"],
    path: "Solvers/DualAscent", swiftSettings: strict),
  .target(
    name: "LocalSearch", dependencies: ["QAP", "Primitives"], path: "Solvers/LocalSearch",
    swiftSettings: strict),
  .target(
    name: "FrankWolfe",
    dependencies: ["QAP", "Primitives", "DenseAlgebra", "LinearAssignment", "LocalSearch"],
    path: "Solvers/FrankWolfe", swiftSettings: strict),
  .target(
    name: "GilmoreLawler", dependencies: ["QAP", "Primitives", "LinearAssignment", "DualAscent"],
    path: "Solvers/GilmoreLawler", swiftSettings: strict),
  .target(
    name: "LinearRelaxation",
    dependencies: [
      "QAP", "Primitives", "DenseAlgebra", "DualAscent", "LinearAssignment", "LinearProgramming",
    ],
    path: "Solvers/LinearRelaxation", swiftSettings: strict),
  .target(
    name: "Projection",
    dependencies: ["QAP", "Primitives", "DenseAlgebra", "DualAscent", "LinearAssignment"],
    path: "Solvers/Projection", swiftSettings: strict),
  .target(
    name: "BranchAndBound",
    dependencies: [
      "QAP", "Primitives", "CLanes", "DualAscent", "GilmoreLawler", "LocalSearch", "Semidefinite",
    ],
    path: "Solvers/BranchAndBound", swiftSettings: strict),
  .target(
    name: "Semidefinite",
    dependencies: [
      "QAP", "Primitives", "DenseAlgebra", "DualAscent", "LinearAssignment", "LocalSearch",
    ],
    path: "Solvers/Semidefinite", swiftSettings: strict),
  .target(
    name: "SubsetSelection",
    dependencies: ["QAP", "Primitives", "DenseAlgebra", "LinearProgramming"],
    path: "Solvers/SubsetSelection", swiftSettings: strict),
  .target(
    name: "Automatic",
    dependencies: [
      "QAP", "Primitives", "BranchAndBound", "DualAscent", "FrankWolfe", "GilmoreLawler",
      "LocalSearch", "Projection", "Semidefinite",
    ],
    path: "Solvers/Automatic", swiftSettings: strict),
  .target(
    name: "Catalogue",
    dependencies: [
      "QAP", "InstanceIO", "Verification", "Automatic", "BranchAndBound", "DualAscent",
      "FrankWolfe", "GilmoreLawler", "LinearRelaxation", "LocalSearch", "Projection",
      "Semidefinite",
    ],
    path: "Solvers/Catalogue", swiftSettings: strict),
]

let package = Package(
  name: "QAPKit",
  products: [
    // The vocabulary alone, for clients that bring their own methods: it needs no C library.
    .library(name: "QAP", targets: ["QAP", "Primitives"]),
    // Everything: `import QAPKit`, or the modules one by one.
    .library(name: "QAPKit", targets: ["QAPKit"] + modules),
    // Options, log and failures as `qap` has them, for executables in packages of their own.
    .library(name: "QAPFrontend", targets: ["Frontend"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: solvers + [
    // The field's words.
    .target(name: "Primitives", swiftSettings: strict),
    .target(name: "QAP", dependencies: ["Primitives"], swiftSettings: strict),
    .target(name: "LinearAssignment", dependencies: ["Primitives"], swiftSettings: strict),

    // A header of vector operations, no library.
    .systemLibrary(name: "CLanes", path: "Sources/CLanes"),

    // Dense linear algebra.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(
      name: "DenseAlgebra", dependencies: ["Primitives", "COpenBLAS"], swiftSettings: strict),

    // Linear programs. GLPK has no pkg-config file: the module map links it.
    .systemLibrary(name: "CGLPK", path: "Sources/CGLPK", providers: [.apt(["libglpk-dev"])]),
    .target(
      name: "LinearProgramming", dependencies: ["Primitives", "CGLPK"], swiftSettings: strict),

    // Files and families of instances.
    .systemLibrary(name: "CZlib", path: "Sources/CZlib"),
    .target(
      name: "InstanceIO", dependencies: ["QAP", "Primitives", "CZlib"], swiftSettings: strict),
    .target(name: "Generation", dependencies: ["QAP", "Primitives"], swiftSettings: strict),

    // From embeddings to instances and back.
    .target(
      name: "Matching", dependencies: ["QAP", "DenseAlgebra", "LinearAssignment", "Primitives"],
      swiftSettings: strict),

    // What is said of an answer, and whether it is true.
    .target(name: "Verification", dependencies: ["QAP", "Primitives"], swiftSettings: strict),
    .target(name: "Reporting", dependencies: ["QAP"], swiftSettings: strict),

    // All of the above behind one import, and the documentation catalogue.
    .target(
      name: "QAPKit", dependencies: modules.map { .target(name: $0) }, swiftSettings: strict),

    // What the executables share: the console, options, failures and their exit status.
    .target(
      name: "Frontend",
      dependencies: [
        "QAP", "InstanceIO", "Generation", "Verification", "Reporting", "Catalogue", "FrankWolfe",
        "Matching", argumentParser,
      ], swiftSettings: strict),

    // The executables.
    .executableTarget(
      name: "qap",
      dependencies: [
        "QAP", "Primitives", "InstanceIO", "Generation", "Verification", "Reporting", "Frontend",
        "Catalogue", "BranchAndBound", "DenseAlgebra", "DualAscent", "LinearProgramming",
        "LinearRelaxation", "LocalSearch", "Matching", "SubsetSelection", argumentParser,
      ], swiftSettings: strict),
    .executableTarget(
      name: "qap-bench",
      dependencies: [
        "BranchAndBound", "DualAscent", "FrankWolfe", "InstanceIO", "LinearAssignment",
        "LinearProgramming", "LinearRelaxation", "LocalSearch", "Matching", "Primitives",
        "Projection", "QAP", "Semidefinite", "Verification", argumentParser,
      ], swiftSettings: strict),

    // What the documentation shows, compiled and run.
    .testTarget(
      name: "ArticleTests", dependencies: (["QAPKit"] + modules).map { .target(name: $0) },
      path: "Examples/Articles", swiftSettings: strict),

    // Tests: one folder a target.
    .target(
      name: "RandomInstances", dependencies: ["QAP", "Primitives"], path: "Tests/RandomInstances",
      swiftSettings: strict),
    // Random command lines for `qap`: `make fuzz-commands`.
    .executableTarget(
      name: "fuzz-commands", path: "Tests/FuzzCommands", swiftSettings: strict),

    // One process for an hour: `make soak`.
    .systemLibrary(name: "CAllocator", path: "Tests/Soak/CAllocator"),
    .executableTarget(
      name: "soak",
      dependencies: [
        "CAllocator", "Catalogue", "InstanceIO", "Matching", "Primitives", "QAP", "RandomInstances",
        "SubsetSelection", "Verification", argumentParser,
      ], path: "Tests/Soak",
      exclude: ["CAllocator"], swiftSettings: strict),
    .testTarget(
      name: "LinearAssignmentTests", dependencies: ["LinearAssignment", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "DualAscentTests",
      dependencies: ["DualAscent", "InstanceIO", "QAP", "LinearAssignment", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "InstanceIOTests", dependencies: ["InstanceIO", "QAP", "Primitives"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "GenerationTests", dependencies: ["Generation", "InstanceIO", "QAP", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Catalogue", "Matching", "Verification", "InstanceIO", "RandomInstances", "QAP", "Primitives",
      ],
      path: "Tests/Conformance", swiftSettings: strict),
    .testTarget(
      name: "VerificationTests",
      dependencies: ["Verification", "RandomInstances", "QAP", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Reporting", "RandomInstances", "QAP", "Primitives"],
      swiftSettings: strict),
    .testTarget(name: "CLITests", dependencies: ["qap", "Catalogue"], swiftSettings: strict),
    .testTarget(
      name: "DenseAlgebraTests", dependencies: ["DenseAlgebra", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "MatchingTests",
      dependencies: [
        "Matching", "DenseAlgebra", "FrankWolfe", "InstanceIO", "QAP", "Primitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "LinearProgrammingTests", dependencies: ["LinearProgramming", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "LinearRelaxationTests",
      dependencies: [
        "LinearRelaxation", "LinearProgramming", "DualAscent", "InstanceIO", "Verification",
        "RandomInstances", "QAP", "Primitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "LocalSearchTests",
      dependencies: ["LocalSearch", "InstanceIO", "RandomInstances", "QAP", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "AutomaticTests", dependencies: ["Automatic", "RandomInstances", "QAP", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "BranchAndBoundTests",
      dependencies: [
        "BranchAndBound", "DualAscent", "Semidefinite", "InstanceIO", "RandomInstances",
        "Verification", "QAP", "Primitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "FrankWolfeTests",
      dependencies: [
        "FrankWolfe", "DenseAlgebra", "InstanceIO", "RandomInstances", "QAP", "Primitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ProjectionTests",
      dependencies: [
        "Projection", "DenseAlgebra", "InstanceIO", "RandomInstances", "QAP", "Primitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SemidefiniteTests",
      dependencies: [
        "Semidefinite", "DenseAlgebra", "InstanceIO", "RandomInstances",
        "Verification", "QAP", "Primitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SubsetSelectionTests",
      dependencies: ["SubsetSelection", "InstanceIO", "Verification", "QAP", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "GilmoreLawlerTests",
      dependencies: ["GilmoreLawler", "InstanceIO", "RandomInstances", "QAP", "Primitives"],
      swiftSettings: strict),
  ]
)
