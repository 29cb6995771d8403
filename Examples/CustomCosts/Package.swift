// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "CustomCosts",
  dependencies: [
    // Outside this checkout: .package(url: "<where QAPKit lives>", from: "0.1.0")
    .package(name: "QAPKit", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "CustomCosts", dependencies: [.product(name: "QAPKit", package: "QAPKit")])
  ]
)
