// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the strictest checks the compiler offers.
let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]

let package = Package(
  name: "QAPKit",
  products: [
    .library(name: "QAPKit", targets: ["QAP", "Primitives", "InstanceIO", "Generation"])
  ],
  targets: [
    .target(name: "Primitives", swiftSettings: strict),
    .target(name: "QAP", dependencies: ["Primitives"], swiftSettings: strict),
    .systemLibrary(name: "CZlib", path: "Sources/CZlib"),
    .target(
      name: "InstanceIO", dependencies: ["QAP", "Primitives", "CZlib"], swiftSettings: strict),
    .target(name: "Generation", dependencies: ["QAP", "Primitives"], swiftSettings: strict),
    .testTarget(
      name: "InstanceIOTests", dependencies: ["InstanceIO", "QAP", "Primitives"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "GenerationTests", dependencies: ["Generation", "InstanceIO", "QAP", "Primitives"],
      swiftSettings: strict),
  ]
)
