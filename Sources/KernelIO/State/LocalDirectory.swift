import Glibc

/// An ordinary directory, as profiles and journals are kept in.
package enum LocalDirectory {
  /// Names of the entries, sorted, without hidden ones.
  package static func list(_ path: String) throws(KernelError) -> [String] {
    guard let directory = unsafe opendir(path) else {
      throw KernelError("list", path, Errno(rawValue: errno))
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: unsafe [UInt8]($0.prefix { $0 != 0 }), as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// The path from the root on.
  package static func absolute(_ path: String) throws(KernelError) -> String {
    if path.hasPrefix("/") { return path }
    guard let start = unsafe getcwd(nil, 0) else {
      throw KernelError("find", path, Errno(rawValue: errno))
    }
    defer { unsafe free(start) }
    return unsafe String(cString: start) + "/" + path
  }

  /// Makes the directory, and those above it that are missing.
  package static func make(_ path: String, mode: UInt32 = 0o755) throws(KernelError) {
    var made = path.hasPrefix("/") ? "" : "."
    for component in path.split(separator: "/") {
      made += "/" + component
      guard unsafe mkdir(made, mode) != 0, errno != EEXIST else { continue }
      // A directory of a read-only tree, or above one's own, may be there all the same.
      let refusal = Errno(rawValue: errno)
      guard unsafe access(made, X_OK) != 0 else { continue }
      throw KernelError("create", made, refusal)
    }
  }
}

extension LocalFile {
  /// Whether it was there.
  package static func remove(_ path: String) throws(KernelError) -> Bool {
    if unsafe unlink(path) == 0 { return true }
    guard errno == ENOENT || errno == ENOTDIR else {
      throw KernelError("remove", path, Errno(rawValue: errno))
    }
    return false
  }
}
