package import KernelIO

/// What `persist` has below the root of a file system: a file a device, and the units where no
/// package brought them.
package struct UnitFiles {
  private let root: String

  /// - Parameter root: "" for the machine's own.
  package init(root: String) { self.root = root }

  /// Those that a profile is kept for.
  package var devices: [String] {
    (try? LocalDirectory.list("\(root)/\(Persistence.directory)")) ?? []
  }

  /// Writes the units that are missing, and removes those of its own that hide a package's.
  ///
  /// - Returns: the paths of what was written or removed.
  package func install(program: String) throws -> [String] {
    var changed: [String] = []
    for unit in SystemUnit.all {
      if unit.packagedPaths.contains(where: { LocalFile.exists("\(root)/\($0)") }) {
        if try remove(unit) { changed.append(path(unit)) }
        continue
      }
      guard Persistence.isSafe(program) else {
        throw ProfileError("'\(program)' has characters that a unit or a rule cannot hold")
      }
      let text = Array(unit.text(program: program).utf8)
      guard (try? LocalFile.readFound(path(unit), as: .file)) != text else { continue }
      try Self.write(path(unit), text)
      changed.append(path(unit))
    }
    return changed
  }

  /// Writes the file that names a device's profile.
  ///
  /// - Returns: its path.
  package func write(_ persistence: Persistence) throws(KernelError) -> String {
    let path = "\(root)/\(persistence.path)"
    try Self.write(path, Array(persistence.text.utf8))
    return path
  }

  /// Removes the units that it wrote, and nobody else's of their names.
  ///
  /// - Returns: the paths of what was removed.
  package func remove() throws -> [String] { try SystemUnit.all.filter(remove).map(path) }

  private func path(_ unit: SystemUnit) -> String { "\(root)/\(unit.path)" }

  /// Whether it was there.
  private func remove(_ unit: SystemUnit) throws(KernelError) -> Bool {
    guard let text = try? LocalFile.readFound(path(unit), as: .file),
      text.starts(with: SystemUnit.mark.utf8)
    else { return false }
    return try LocalFile.remove(path(unit))
  }

  private static func write(_ path: String, _ text: [UInt8]) throws(KernelError) {
    if let end = path.lastIndex(of: "/") { try LocalDirectory.make(String(path[..<end])) }
    try LocalFile.write(path, text)
  }
}
