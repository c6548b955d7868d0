package import KernelIO

/// Journals that need not outlive their process, since what they tell of does not: the settings
/// of a network namespace that ends with it.
package final class MemoryStorage: JournalStorage {
  private var files: [String: [UInt8]] = [:]
  package let path = "memory"

  package init() {}

  package func create(_ name: String, _ bytes: [UInt8]) throws(KernelError) {
    guard files[name] == nil else { throw KernelError("write", name, .exists) }
    files[name] = bytes
  }

  package func append(_ name: String, _ bytes: [UInt8]) throws(KernelError) {
    files[name, default: []] += bytes
  }

  package func read(_ name: String) throws(KernelError) -> [UInt8] {
    guard let bytes = files[name] else { throw KernelError("read", name, .noEntry) }
    return bytes
  }

  package func list() throws(KernelError) -> [String] { Array(files.keys) }

  package func remove(_ name: String) throws(KernelError) { files[name] = nil }
}
