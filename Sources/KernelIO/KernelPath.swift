/// A file of /proc, /sys or /dev, told apart from where that tree is mounted.
package struct KernelPath: Hashable, Sendable, CustomStringConvertible {
  package enum Root: String, Sendable, CaseIterable { case proc, sys, dev }

  package var root: Root
  package var relative: String

  package init(_ root: Root, _ relative: String) {
    self.root = root
    self.relative = relative
  }

  package static func proc(_ relative: String) -> KernelPath { KernelPath(.proc, relative) }
  package static func sys(_ relative: String) -> KernelPath { KernelPath(.sys, relative) }
  package static func dev(_ relative: String) -> KernelPath { KernelPath(.dev, relative) }

  package func appending(_ component: String) -> KernelPath {
    KernelPath(root, relative + "/" + component)
  }

  /// The path under its usual mount point.
  package var description: String { "/\(root.rawValue)/\(relative)" }

  /// Reads `description` back.
  package init?(_ description: String) {
    let parts = description.split(separator: "/", maxSplits: 1)
    guard description.hasPrefix("/"), parts.count == 2, let root = Root(rawValue: String(parts[0]))
    else { return nil }
    self.init(root, String(parts[1]))
  }
}
