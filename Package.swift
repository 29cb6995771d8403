// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the strictest checks the compiler offers.
let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]

let package = Package(
  name: "QAPKit",
  products: [
    .library(name: "QAPKit", targets: ["QAP", "Primitives", "LinearAssignment"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "Primitives", swiftSettings: strict),
    .target(name: "QAP", dependencies: ["Primitives"], swiftSettings: strict),
    .target(name: "LinearAssignment", dependencies: ["Primitives"], swiftSettings: strict),
    .target(
      name: "DualAscent", dependencies: ["QAP", "LinearAssignment", "Primitives"],
      path: "Solvers/DualAscent", swiftSettings: strict),
    .executableTarget(
      name: "qap-bench",
      dependencies: [
        "LinearAssignment", "Primitives",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .testTarget(
      name: "DualAscentTests",
      dependencies: ["DualAscent", "QAP", "LinearAssignment", "Primitives"],
      swiftSettings: strict),
    .testTarget(
      name: "LinearAssignmentTests", dependencies: ["LinearAssignment", "Primitives"],
      swiftSettings: strict),
  ]
)
