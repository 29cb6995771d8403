// swift-tools-version: 6.2
import PackageDescription

/// Rewrites a folder of QAPLIB files into `Instances/`; a package of its own, so that users of
/// QAPKit do not build it. See Instances/PROVENANCE.md.
let package = Package(
  name: "InstanceBundle",
  dependencies: [.package(name: "QAPKit", path: "../..")],
  targets: [
    .executableTarget(
      name: "bundle", dependencies: [.product(name: "QAPKit", package: "QAPKit")],
      swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)])
  ]
)
