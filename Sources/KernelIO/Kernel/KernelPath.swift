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
    for root in Root.allCases where description.hasPrefix("/\(root.rawValue)/") {
      self.init(root, String(description.dropFirst(root.rawValue.count + 2)))
      return
    }
    return nil
  }
}
