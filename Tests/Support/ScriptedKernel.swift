package import KernelIO
package import Netlink

/// A kernel that answers from a script, and keeps what it was told.
///
/// What the script lacks is answered as a kernel would: ENOENT for files, EOPNOTSUPP for requests.
package final class ScriptedKernel: Kernel {
  package var files: [KernelPath: [UInt8]] = [:]
  package var links: [KernelPath: String] = [:]
  /// Permission bits of files that have others than 0644.
  package var modes: [KernelPath: UInt16] = [:]
  package var replies: [NetlinkRequest: [NetlinkMessage]] = [:]
  package var ioctls: [Ioctl: [UInt8]] = [:]
  /// Thrown instead of an answer, by what `KernelError.place` would say: a path's or a request's.
  package var failures: [String: Errno] = [:]

  package private(set) var reads: [KernelPath] = []
  package private(set) var writes: [Write] = []
  package private(set) var requests: [NetlinkRequest] = []

  package struct Ioctl: Hashable {
    package var device: String
    package var data: [UInt8]
    package init(_ device: String, _ data: [UInt8]) {
      self.device = device
      self.data = data
    }
  }

  package struct Write: Hashable {
    package var path: KernelPath
    package var bytes: [UInt8]
    package var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  package init(_ files: [String: String] = [:]) {
    for (path, text) in files { self[path] = text }
  }

  /// The text of a file by its usual path, "/proc/…" or "/sys/…".
  package subscript(path: String) -> String? {
    get { KernelPath(path).flatMap { files[$0] }.map { String(decoding: $0, as: UTF8.self) } }
    set {
      guard let path = KernelPath(path) else { return }
      files[path] = newValue.map { Array($0.utf8) }
    }
  }

  package func read(_ path: KernelPath) throws(KernelError) -> [UInt8] {
    reads.append(path)
    try fail("read", path.description)
    guard let bytes = files[path] else {
      throw KernelError("read", path.description, .noEntry)
    }
    return bytes
  }

  /// Written bytes can be read back where the script has the file.
  package func write(_ path: KernelPath, _ bytes: [UInt8]) throws(KernelError) {
    try fail("write", path.description)
    guard files[path] != nil else { throw KernelError("write", path.description, .noEntry) }
    writes.append(Write(path: path, bytes: bytes))
    files[path] = bytes
  }

  /// The names that scripted files and links have below `path`.
  package func list(_ path: KernelPath) throws(KernelError) -> [String] {
    try fail("list", path.description)
    let folder = path.relative == "." ? "" : path.relative + "/"
    var names: Set<String> = []
    for entry in Array(files.keys) + Array(links.keys) where entry.root == path.root {
      guard entry.relative.hasPrefix(folder) else { continue }
      let rest = entry.relative.dropFirst(folder.count)
      if let name = rest.split(separator: "/").first { names.insert(String(name)) }
    }
    guard !names.isEmpty else { throw KernelError("list", path.description, .noEntry) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func readLink(_ path: KernelPath) throws(KernelError) -> String {
    try fail("readlink", path.description)
    guard let target = links[path] else {
      throw KernelError("readlink", path.description, .noEntry)
    }
    return target
  }

  package func mode(_ path: KernelPath) throws(KernelError) -> UInt16 {
    try fail("stat", path.description)
    guard files[path] != nil else { throw KernelError("stat", path.description, .noEntry) }
    return modes[path] ?? 0o644
  }

  package func netlink(_ request: NetlinkRequest) throws(KernelError) -> [NetlinkMessage] {
    requests.append(request)
    try fail("netlink", request.subject)
    guard let messages = replies[request] else {
      throw KernelError("netlink", request.subject, .notSupported)
    }
    return messages
  }

  package func ethtool(_ device: String, _ data: [UInt8]) throws(KernelError) -> [UInt8] {
    try fail("SIOCETHTOOL", device)
    guard let answer = ioctls[Ioctl(device, data)] else {
      throw KernelError("SIOCETHTOOL", device, .notSupported)
    }
    return answer
  }

  private func fail(_ operation: String, _ place: String) throws(KernelError) {
    if let errno = failures[place] { throw KernelError(operation, place, errno) }
  }
}
