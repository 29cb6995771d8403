// swift-tools-version: 6.2
import PackageDescription

// The parsers under libFuzzer. A package of its own, because its main function is the fuzzer's and
// the sanitizer is switched on from the command line:
//
//     swift build --package-path Tests/Fuzz --scratch-path .build-fuzz -c release \
//       -Xswiftc -sanitize=fuzzer
//     mkdir -p .build-fuzz/found
//     SWIFT_BACKTRACE=enable=no \
//       .build-fuzz/release/fuzz-parsers -max_total_time=60 -rss_limit_mb=2048 -timeout=10 \
//       -max_len=4096 -artifact_prefix=.build-fuzz/ .build-fuzz/found Tests/Fuzz/corpus
//
// (Swift's own backtrace would keep libFuzzer from saving the input of a trap.) New inputs go to
// the first folder; the corpus here stays small, and is made by the script make-corpus.
let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "QAPKit", path: "../..")],
  targets: [
    .target(
      name: "FuzzDriver",
      swiftSettings: [
        .strictMemorySafety(), .treatAllWarnings(as: .error),
        .enableExperimentalFeature("Extern"),
      ]),
    .executableTarget(
      name: "fuzz-parsers",
      dependencies: ["FuzzDriver", .product(name: "QAPKit", package: "QAPKit")],
      swiftSettings: [
        .strictMemorySafety(), .treatAllWarnings(as: .error),
      ]),
    // Sequences of calls of the C interface: `make fuzz-calls`.
    .executableTarget(
      name: "fuzz-calls",
      dependencies: ["FuzzDriver", .product(name: "qapkit", package: "QAPKit")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ]
)
