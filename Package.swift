// swift-tools-version: 6.2
import PackageDescription

// Supported: Linux, with Swift 6.2 and 6.3. The imports for Apple's systems are written, untested.

/// Every target is built with the strictest checks the compiler offers.
let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// What clients of the product QAPKit can import, all of it by `import QAPKit`. (Who imports that
/// module inside this package names these too: its own interface does not change when one of them
/// does.)
let modules = [
  "QAP", "QAPPrimitives", "QAPLinearAssignment", "QAPInstanceIO", "QAPGeneration",
  "QAPVerification", "QAPReporting",
  "QAPLinearProgramming", "QAPDualAscent", "QAPFrankWolfe", "QAPGilmoreLawler",
  "QAPLinearRelaxation",
  "QAPLocalSearch", "QAPProjection", "QAPSemidefinite", "QAPSubsetSelection", "QAPAutomatic",
  "QAPBranchAndBound",
  "QAPRegistry", "QAPMatching",
]

/// The solvers: one folder, one family of methods.
let solvers: [Target] = [
  .target(
    name: "QAPSymmetry", dependencies: ["QAP", "QAPDenseAlgebra", "QAPPrimitives"],
    path: "Solvers/Symmetry",
    swiftSettings: strict),
  .target(
    name: "QAPDualAscent", dependencies: ["QAP", "QAPLinearAssignment", "QAPPrimitives"],
    path: "Solvers/DualAscent", swiftSettings: strict),
  .target(
    name: "QAPLocalSearch", dependencies: ["QAP", "QAPPrimitives", "CLanes", "QAPSymmetry"],
    path: "Solvers/LocalSearch", swiftSettings: strict),
  .target(
    name: "QAPFrankWolfe",
    dependencies: [
      "QAP", "QAPPrimitives", "QAPDenseAlgebra", "QAPLinearAssignment", "QAPLocalSearch",
    ],
    path: "Solvers/FrankWolfe", swiftSettings: strict),
  .target(
    name: "QAPGilmoreLawler",
    dependencies: ["QAP", "QAPPrimitives", "QAPLinearAssignment", "QAPDualAscent"],
    path: "Solvers/GilmoreLawler", swiftSettings: strict),
  .target(
    name: "QAPLinearRelaxation",
    dependencies: [
      "QAP", "QAPPrimitives", "QAPDenseAlgebra", "QAPDualAscent", "QAPLinearAssignment",
      "QAPLinearProgramming",
    ],
    path: "Solvers/LinearRelaxation", swiftSettings: strict),
  .target(
    name: "QAPProjection",
    dependencies: [
      "QAP", "QAPPrimitives", "QAPDenseAlgebra", "QAPDualAscent", "QAPLinearAssignment",
    ],
    path: "Solvers/Projection", swiftSettings: strict),
  .target(
    name: "QAPBranchAndBound",
    dependencies: [
      "QAP", "QAPPrimitives", "CLanes", "QAPDualAscent", "QAPGilmoreLawler", "QAPLocalSearch",
      "QAPSemidefinite", "QAPSubsetSelection", "QAPSymmetry",
    ],
    path: "Solvers/BranchAndBound", swiftSettings: strict),
  .target(
    name: "QAPSemidefinite",
    dependencies: [
      "QAP", "QAPPrimitives", "QAPDenseAlgebra", "QAPDualAscent", "QAPLinearAssignment",
      "QAPLocalSearch", "QAPSymmetry",
    ],
    path: "Solvers/Semidefinite", swiftSettings: strict),
  .target(
    name: "QAPSubsetSelection",
    dependencies: [
      "QAP", "QAPPrimitives", "QAPDenseAlgebra", "QAPLinearProgramming", "QAPSymmetry",
    ],
    path: "Solvers/SubsetSelection", swiftSettings: strict),
  .target(
    name: "QAPAutomatic",
    dependencies: [
      "QAP", "QAPPrimitives", "QAPBranchAndBound", "QAPDualAscent", "QAPFrankWolfe",
      "QAPGilmoreLawler",
      "QAPLocalSearch", "QAPProjection", "QAPSemidefinite", "QAPSubsetSelection",
    ],
    path: "Solvers/Automatic", swiftSettings: strict),
  .target(
    name: "QAPRegistry",
    dependencies: [
      "QAP", "QAPInstanceIO", "QAPVerification", "QAPAutomatic", "QAPBranchAndBound",
      "QAPDualAscent",
      "QAPFrankWolfe", "QAPGilmoreLawler", "QAPLinearRelaxation", "QAPLocalSearch", "QAPMatching",
      "QAPProjection", "QAPSemidefinite",
    ],
    path: "Solvers/Registry", swiftSettings: strict),
]

let package = Package(
  name: "QAPKit",
  products: [
    // The vocabulary alone, for clients that bring their own methods: it needs no C library.
    .library(name: "QAP", targets: ["QAP", "QAPPrimitives"]),
    // Everything: `import QAPKit`, or the modules one by one.
    .library(name: "QAPKit", targets: ["QAPKit"] + modules),
    // Options, log and failures as `qap` has them, for executables in packages of their own.
    .library(name: "QAPFrontend", targets: ["QAPFrontend"]),
    // The objects of libqapkit, which the Makefile links into one shared library.
    .library(name: "qapkit", type: .static, targets: ["QAPKitC"]),
  ],
  traits: [
    .default(enabledTraits: ["GLPK"]),
    // GLPK is under the GNU General Public License: a program that links it is as well. Without
    // this trait xia-yuan and kaufman-broeckx decline, and everything else works.
    .trait(name: "GLPK", description: "Solve linear programs with the GNU Linear Programming Kit."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: solvers + [
    // The field's words.
    .target(name: "QAPPrimitives", path: "Sources/Primitives", swiftSettings: strict),
    .target(name: "QAP", dependencies: ["QAPPrimitives"], swiftSettings: strict),
    .target(
      name: "QAPLinearAssignment", dependencies: ["QAPPrimitives"],
      path: "Sources/LinearAssignment", swiftSettings: strict),

    // A header of vector operations, no library.
    .systemLibrary(name: "CLanes", path: "Sources/CLanes"),

    // Dense linear algebra.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(
      name: "QAPDenseAlgebra", dependencies: ["QAPPrimitives", "COpenBLAS"],
      path: "Sources/DenseAlgebra", swiftSettings: strict),

    // Linear programs. GLPK has no pkg-config file: the module map links it.
    .systemLibrary(name: "CGLPK", path: "Sources/CGLPK", providers: [.apt(["libglpk-dev"])]),
    .target(
      name: "QAPLinearProgramming",
      dependencies: ["QAPPrimitives", .target(name: "CGLPK", condition: .when(traits: ["GLPK"]))],
      path: "Sources/LinearProgramming", swiftSettings: strict),

    // Files and families of instances.
    .systemLibrary(name: "CZlib", path: "Sources/CZlib"),
    .target(
      name: "QAPInstanceIO", dependencies: ["QAP", "QAPPrimitives", "CZlib"],
      path: "Sources/InstanceIO", swiftSettings: strict),
    .target(
      name: "QAPGeneration", dependencies: ["QAP", "QAPPrimitives"], path: "Sources/Generation",
      swiftSettings: strict),

    // From embeddings to instances and back.
    .target(
      name: "QAPMatching",
      dependencies: ["QAP", "QAPDenseAlgebra", "QAPLinearAssignment", "QAPPrimitives"],
      path: "Sources/Matching", swiftSettings: strict),

    // What is said of an answer, and whether it is true.
    .target(
      name: "QAPVerification", dependencies: ["QAP", "QAPPrimitives"], path: "Sources/Verification",
      swiftSettings: strict),
    .target(
      name: "QAPReporting", dependencies: ["QAP", "QAPPrimitives"], path: "Sources/Reporting",
      swiftSettings: strict),

    // All of the above behind one import, and the documentation catalog.
    .target(
      name: "QAPKit", dependencies: modules.map { .target(name: $0) }, swiftSettings: strict),

    // The C interface: the functions of include/qapkit.h.
    .systemLibrary(name: "CQAPKit", path: "Sources/QAPKitC/include"),
    .target(
      name: "QAPKitC", dependencies: ["CQAPKit", "QAPKit"] + modules.map { .target(name: $0) },
      exclude: ["include"], swiftSettings: strict),

    // What the executables share: the console, options, failures and their exit status.
    .target(
      name: "QAPFrontend",
      dependencies: [
        "QAP", "QAPPrimitives", "QAPInstanceIO", "QAPGeneration", "QAPVerification", "QAPReporting",
        "QAPRegistry", "QAPBranchAndBound", "QAPFrankWolfe",
        "QAPMatching", argumentParser,
      ], path: "Sources/Frontend", swiftSettings: strict),

    // The executables.
    .executableTarget(
      name: "qap",
      dependencies: [
        "QAP", "QAPPrimitives", "QAPInstanceIO", "QAPGeneration", "QAPVerification", "QAPReporting",
        "QAPFrontend",
        "QAPRegistry", "QAPBranchAndBound", "QAPDenseAlgebra", "QAPDualAscent",
        "QAPLinearProgramming",
        "QAPLinearRelaxation", "QAPLocalSearch", "QAPMatching", "QAPSubsetSelection", "QAPSymmetry",
        argumentParser,
      ], swiftSettings: strict),
    .executableTarget(
      name: "qap-bench",
      dependencies: [
        "QAPBranchAndBound", "QAPDualAscent", "QAPFrankWolfe", "QAPInstanceIO",
        "QAPLinearAssignment", "QAPLinearProgramming", "QAPLinearRelaxation", "QAPLocalSearch",
        "QAPMatching", "QAPPrimitives", "QAPProjection", "QAP", "QAPSemidefinite",
        "QAPVerification",
        argumentParser,
      ], swiftSettings: strict),

    // What the documentation shows, compiled and run.
    .testTarget(
      name: "ArticleTests", dependencies: (["QAPKit"] + modules).map { .target(name: $0) },
      path: "Examples/Articles", swiftSettings: strict),

    // The product in a few short tests.
    .testTarget(
      name: "TourTests", dependencies: ["QAPKit"], path: "Tests/Tour", swiftSettings: strict),

    // Tests: one folder a target.
    .target(
      name: "RandomInstances", dependencies: ["QAP", "QAPPrimitives"],
      path: "Tests/RandomInstances",
      swiftSettings: strict),
    // Random command lines for `qap`: `make fuzz-commands`.
    .executableTarget(
      name: "fuzz-commands", path: "Tests/FuzzCommands", swiftSettings: strict),

    // One process for an hour: `make soak`.
    .systemLibrary(name: "CAllocator", path: "Tests/Soak/CAllocator"),
    .executableTarget(
      name: "soak",
      dependencies: [
        "CAllocator", "QAPRegistry", "QAPInstanceIO", "QAPLinearProgramming", "QAPMatching",
        "QAPPrimitives", "QAP",
        "RandomInstances",
        "QAPSubsetSelection", "QAPVerification", argumentParser,
      ], path: "Tests/Soak",
      exclude: ["CAllocator"], swiftSettings: strict),
    .testTarget(
      name: "LinearAssignmentTests", dependencies: ["QAPLinearAssignment", "QAPPrimitives"],
      swiftSettings: strict),
    .testTarget(
      name: "SymmetryTests",
      dependencies: ["QAPSymmetry", "RandomInstances", "QAP", "QAPPrimitives"],
      swiftSettings: strict),
    .testTarget(
      name: "DualAscentTests",
      dependencies: [
        "QAPDualAscent", "QAPInstanceIO", "QAP", "QAPLinearAssignment", "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "InstanceIOTests",
      dependencies: ["QAPInstanceIO", "RandomInstances", "QAP", "QAPPrimitives"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "GenerationTests",
      dependencies: [
        "QAPGeneration", "QAPInstanceIO", "RandomInstances", "QAP", "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "QAPRegistry", "QAPMatching", "QAPVerification", "QAPInstanceIO", "RandomInstances", "QAP",
        "QAPPrimitives",
      ],
      path: "Tests/Conformance", swiftSettings: strict),
    .testTarget(
      name: "VerificationTests",
      dependencies: ["QAPVerification", "RandomInstances", "QAP", "QAPPrimitives"],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["QAPReporting", "RandomInstances", "QAP", "QAPPrimitives"],
      swiftSettings: strict),
    .testTarget(
      name: "CLITests", dependencies: ["qap", "QAPRegistry"], exclude: ["Snapshots"],
      swiftSettings: strict),
    .testTarget(
      name: "DenseAlgebraTests", dependencies: ["QAPDenseAlgebra", "QAPPrimitives"],
      swiftSettings: strict),
    .testTarget(
      name: "MatchingTests",
      dependencies: [
        "QAPMatching", "QAPDenseAlgebra", "QAPFrankWolfe", "QAPGeneration", "QAPInstanceIO",
        "QAPRegistry", "QAP", "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "LinearProgrammingTests", dependencies: ["QAPLinearProgramming", "QAPPrimitives"],
      swiftSettings: strict),
    .testTarget(
      name: "LinearRelaxationTests",
      dependencies: [
        "QAPLinearRelaxation", "QAPLinearProgramming", "QAPDualAscent", "QAPInstanceIO",
        "QAPVerification",
        "RandomInstances", "QAP", "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "LocalSearchTests",
      dependencies: [
        "QAPLocalSearch", "QAPGeneration", "QAPInstanceIO", "RandomInstances", "QAP",
        "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "AutomaticTests",
      dependencies: [
        "QAPAutomatic", "QAPSemidefinite", "RandomInstances", "QAP", "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BranchAndBoundTests",
      dependencies: [
        "QAPBranchAndBound", "QAPDualAscent", "QAPGilmoreLawler", "QAPLocalSearch",
        "QAPSemidefinite", "QAPInstanceIO", "RandomInstances", "QAPVerification", "QAP",
        "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "FrankWolfeTests",
      dependencies: [
        "QAPFrankWolfe", "QAPDenseAlgebra", "QAPInstanceIO", "RandomInstances", "QAP",
        "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ProjectionTests",
      dependencies: [
        "QAPProjection", "QAPDenseAlgebra", "QAPInstanceIO", "RandomInstances", "QAP",
        "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SemidefiniteTests",
      dependencies: [
        "QAPSemidefinite", "QAPDenseAlgebra", "QAPInstanceIO", "RandomInstances",
        "QAPVerification", "QAP", "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SubsetSelectionTests",
      dependencies: [
        "QAPSubsetSelection", "QAPInstanceIO", "QAPLinearProgramming", "QAPVerification",
        "RandomInstances", "QAP", "QAPPrimitives",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GilmoreLawlerTests",
      dependencies: [
        "QAPGilmoreLawler", "QAPInstanceIO", "RandomInstances", "QAP", "QAPPrimitives",
      ],
      swiftSettings: strict),
  ]
)
