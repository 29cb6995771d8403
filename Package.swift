// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the strictest checks the compiler offers.
let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]

let package = Package(
  name: "QAPKit",
  products: [
    .library(name: "QAPKit", targets: ["QAP", "Primitives", "LocalSearch"])
  ],
  targets: [
    .target(name: "Primitives", swiftSettings: strict),
    .target(name: "QAP", dependencies: ["Primitives"], swiftSettings: strict),
    .target(
      name: "LocalSearch", dependencies: ["QAP", "Primitives"], path: "Solvers/LocalSearch",
      swiftSettings: strict),
  ]
)
