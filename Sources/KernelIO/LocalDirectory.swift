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
}
