import Foundation
import Testing

/// A guest that the lab can boot; the file of this name in `Tests/Lab/topologies` describes it.
enum Topology: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case igb
  case igb612 = "igb-6.12"
  case igbNewest = "igb-newest"
  case twoIGB = "two-igb"
  case virtio = "virtio-4q"
  case virtio612 = "virtio-4q-6.12"
  case virtioNewest = "virtio-4q-newest"
  case vmxnet3
  case e1000
  case e1000e
  case iommu
  case virtual
  case virtual612 = "virtual-6.12"
  case virtualNewest = "virtual-newest"
  /// Last, for it waits until nobody else works.
  case virtio64 = "virtio-64q"

  var testDescription: String { rawValue }

  /// The lines of its file that are not comments, as words.
  var lines: [[String]] {
    let file = Lab.folder.appending(path: "topologies/\(rawValue)")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: " ").map(String.init) }
  }

  var kernel: String { lines.first { $0.first == "kernel" }?.last ?? "" }

  /// Whether the lab's own driver has a NIC there, rxlab0.
  var hasOwnNIC: Bool { Self.withOwnNIC.contains(self) }

  /// The multi-queue NIC that changes are tried on.
  var device: String { hasOwnNIC ? "rxlab0" : "eth0" }

  /// One of each driver with such a NIC, on kernels old and new.
  static let multiqueue = [Topology.igb, .igbNewest, .virtio612, .virtual, .virtualNewest]
    .filter(\.isOffered)

  static let withOwnNIC: [Topology] = [.virtual, .virtual612, .virtualNewest]

  /// How its recording is called, among those of other kernels.
  func recordingName(release: String) -> String {
    let version = release.split(separator: ".").prefix(2).joined(separator: ".")
    return rawValue.replacing("newest", with: version)
  }

  /// Whether its kernel was prepared: a release of Debian may lack the second one.
  var isOffered: Bool {
    FileManager.default.fileExists(
      atPath: Lab.cache.appending(path: "current/kernel-\(kernel)").path)
  }

  static var offered: [Topology] { allCases.filter(\.isOffered) }
}
