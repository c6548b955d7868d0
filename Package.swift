// swift-tools-version: 6.2
import PackageDescription

/// With RXTUNE_FUZZ set, all modules are built for libFuzzer, and `rxtune-fuzz` with them.
let isFuzzing = Context.environment["RXTUNE_FUZZ"] != nil

/// The commit that is built, as make tells it: where SwiftPM finds it out by itself, it is what was
/// checked out when the manifest was last read.
let commit = (Context.environment["RXTUNE_COMMIT"] ?? "").filter { $0.isHexDigit }

let strict: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
  ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : [])

/// Of modules in which nothing is measured: smaller code.
let compact = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// A Swift target of this package; every one is built under the same strict settings.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name), "TestTraits"] + dependencies,
    exclude: exclude,
    swiftSettings: strict)
}

/// The release binary carries Swift's own C++ runtime with it: loading libstdc++ and libgcc would
/// cost a millisecond, and a server may lack them.
let selfContained = LinkerSetting.unsafeFlags(
  [
    // `-lstdc++` finds a linker script there, which asks for the archive.
    "-L\(Context.packageDirectory)/Sources/rxtune/static", "-Xclang-linker", "-static-libgcc",
    // All symbols are bound at the start, and their table is read-only from then on.
    "-Xlinker", "-z", "-Xlinker", "now",
    // No plug-in looks for the binary's symbols.
    "-Xlinker", "--no-export-dynamic",
    // Else Swift's runtime looks for its crash reporter in eight places at each start, and the
    // binary comes without one (CStandIns/backtrace.c).
    "-Xlinker", "--wrap=swift_copyAuxiliaryExecutablePath",
    // The toolchain's own linker: GNU's warn of a mktemp in FoundationEssentials that nothing calls.
    "-use-ld=lld",
  ], .when(configuration: .release))

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "rxtune",
  products: [.executable(name: "rxtune", targets: ["rxtune"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    .systemLibrary(name: "CNl", pkgConfig: "libnl-3.0", providers: [.apt(["libnl-3-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    // Its Programs/ are compiled for the kernel, by `make programs`.
    .target(
      name: "CKernel", exclude: ["Programs"],
      cSettings: commit.isEmpty ? [] : [.define("RXTUNE_COMMIT", to: "\"\(commit)\"")]),
    // Of the release binary alone; tests ask for what these stand for.
    .target(
      name: "CStandIns", publicHeadersPath: ".",
      cSettings: [.define("RXTUNE_STAND_INS", .when(configuration: .release))]),

    module("YAML", ["CYAML"], settings: compact),
    module("Notation"),
    module("Netlink"),
    module("KernelIO", ["Netlink", "Notation", "CMnl", "CNl", "CKernel"]),
    module("Knobs", ["Notation"], settings: compact),
    module("ReceivePath", ["KernelIO", "Netlink", "Knobs", "Notation"]),
    module(
      "Scaling",
      [
        "ReceivePath", "KernelIO", "Netlink", "Knobs", "Notation", "CKernel",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ]),
    module(
      "Live",
      [
        "ReceivePath", "KernelIO", "Netlink", "Knobs", "Notation",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ]),
    .target(
      name: "Tuning",
      dependencies: ["ReceivePath", "Knobs", "KernelIO", "Netlink", "Notation", "YAML"],
      resources: [.embedInCode("Profiles/BuiltIn"), .embedInCode("Profiles/Units")],
      swiftSettings: compact),
    module("Diagnosis", ["Live", "ReceivePath", "Knobs", "Notation"], settings: compact),
    module(
      "Rendering",
      ["Tuning", "Diagnosis", "Scaling", "Live", "ReceivePath", "Knobs", "Notation"],
      settings: compact),
    module(
      "Commands",
      [
        "Tuning", "Diagnosis", "Rendering", "Scaling", "Live", "ReceivePath", "Knobs", "KernelIO",
        "Notation", argumentParser,
      ], settings: compact),
    .executableTarget(
      name: "rxtune", dependencies: ["Commands", "CStandIns"], exclude: ["static"],
      swiftSettings: strict, linkerSettings: [selfContained]),

    .executableTarget(
      name: "rxtune-docs",
      dependencies: [
        "Commands", "Diagnosis", "Knobs", "ReceivePath", "KernelIO", "Rendering", "Notation",
        argumentParser,
      ], swiftSettings: strict),

    // Tests and what they stand on.
    .target(name: "CNamespace", path: "Tests/CNamespace"),
    .target(
      name: "TestSupport",
      dependencies: ["Live", "ReceivePath", "KernelIO", "Netlink", "CNamespace"],
      path: "Tests/Support", swiftSettings: strict),
    .target(name: "TestTraits", path: "Tests/Traits", swiftSettings: strict),
    tests("Notation", ["TestSupport"]),
    tests("Netlink", ["TestSupport"]),
    tests("KernelIO", ["Netlink", "TestSupport"]),
    tests("Knobs", []),
    tests("ReceivePath", ["KernelIO", "Knobs", "Netlink", "Notation", "TestSupport"]),
    tests(
      "Tuning",
      ["rxtune", "Rendering", "KernelIO", "Knobs", "Notation", "ReceivePath", "TestSupport"],
      exclude: ["Plans"]),
    tests(
      "Scaling",
      [
        "BenchmarkStatistics", "Commands", "Tuning", "Rendering", "ReceivePath", "KernelIO",
        "Knobs", "Notation",
        "CKernel", "TestSupport",
      ],
      exclude: ["Fixtures"]),
    tests(
      "Live",
      ["KernelIO", "Knobs", "Netlink", "Notation", "ReceivePath", "TestSupport"],
      exclude: ["load.py"]),
    tests(
      "Rendering",
      ["Live", "KernelIO", "Knobs", "Notation", "ReceivePath", "TestSupport", "Tuning"],
      exclude: ["Metrics", "Top"]),
    tests(
      "Commands",
      [
        "rxtune", "KernelIO", "Knobs", "Live", "Netlink", "Notation", "ReceivePath", "Rendering",
        "TestSupport", "Tuning",
        argumentParser,
      ]),
    tests(
      "Diagnosis",
      [
        "rxtune", "KernelIO", "Knobs", "Netlink", "Notation", "ReceivePath", "Rendering",
        "TestSupport",
      ]),
    tests("YAML", []),
    .testTarget(
      name: "DocsTests",
      dependencies: [
        "rxtune-docs", "rxtune", "Commands", "Knobs", "Rendering", "TestSupport", "TestTraits",
        argumentParser,
      ], swiftSettings: strict),
    .target(name: "CLab", path: "Tests/Lab/CLab"),
    .testTarget(
      name: "LabTests", dependencies: ["CLab", "TestSupport"], path: "Tests/Lab",
      exclude: ["CLab", "README.md", "boot.sh", "driver", "guest", "prepare.sh", "topologies"],
      swiftSettings: strict),
    .executableTarget(
      name: "rxtune-bench-inspect",
      dependencies: ["BenchmarkStatistics", "Scaling", "TestSupport", "KernelIO", "ReceivePath"],
      path: "Tests/Benchmarks/Inspect", swiftSettings: strict),
    .target(
      name: "BenchmarkStatistics", dependencies: ["Scaling"], path: "Tests/Benchmarks/Statistics",
      swiftSettings: strict),
    .executableTarget(
      name: "rxtune-bench-self",
      dependencies: ["BenchmarkStatistics", "Scaling", "KernelIO", "TestSupport"],
      path: "Tests/Benchmarks/Self",
      swiftSettings: strict),
  ]
)

if isFuzzing {
  package.targets += [
    .target(name: "CFuzz", path: "Tests/CFuzz"),
    .executableTarget(
      name: "rxtune-fuzz",
      dependencies: [
        "CFuzz", "Diagnosis", "KernelIO", "Knobs", "Live", "Netlink", "Notation", "ReceivePath",
        "Rendering",
        "Scaling",
        "TestSupport", "Tuning",
      ],
      path: "Tests/Fuzz", swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
      // gold, the default on some machines, does not link the sanitizer's sections.
      linkerSettings: [.unsafeFlags(["-use-ld=lld", "-sanitize=fuzzer,address"])]),
  ]
}
