// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the strictest checks the compiler offers.
let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
func kit(_ product: String) -> Target.Dependency { .product(name: product, package: "QAPKit") }

// QAPKit over MPI. A package of its own, below the one it uses: a trait of that one could leave the
// dependency on MPI out, but not the target, which `swift build` would go on to build.
//
//     swift build --package-path Sources/qap-mpi --scratch-path .build-mpi -c release
let package = Package(
  name: "QAPKitMPI",
  dependencies: [
    .package(name: "QAPKit", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // The macros of mpi.h as functions.
    .systemLibrary(
      name: "CMPI", path: "CMPI", pkgConfig: "ompi-c",
      providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    // Who searches what, over any transport, and how well that would go: no MPI in here.
    .target(
      name: "QAPDistribution", dependencies: [kit("QAPKit")], path: "Distribution",
      swiftSettings: strict),
    .executableTarget(
      name: "qap-mpi",
      dependencies: ["CMPI", "QAPDistribution", kit("QAPKit"), kit("QAPFrontend"), argumentParser],
      path: "Program", swiftSettings: strict),
    // A link to QAPKit's own.
    .target(
      name: "RandomInstances", dependencies: [kit("QAPKit")], path: "Tests/RandomInstances",
      swiftSettings: strict),
    .testTarget(
      name: "DistributionTests",
      dependencies: ["QAPDistribution", "RandomInstances", kit("QAPKit")],
      path: "Tests/DistributionTests", swiftSettings: strict),
    .testTarget(
      name: "MPITests", dependencies: ["qap-mpi", "RandomInstances", kit("QAPKit")],
      path: "Tests/MPITests",
      swiftSettings: strict),
  ]
)
