import Glibc

/// A new file of the user's that grows while it is written.
package final class AppendedFile: Sendable {
  private let descriptor: Descriptor
  private let path: String

  /// - Throws: EEXIST where such a file is there already: nobody's data is written over.
  package init(creating path: String) throws(KernelError) {
    self.path = path
    do {
      descriptor = try Descriptor(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, mode: 0o644)
    } catch {
      throw KernelError("create", path, error)
    }
  }

  /// In one write(2), where the disk takes it whole: another reader sees whole lines.
  package func append(_ bytes: [UInt8]) throws(KernelError) {
    do { try LocalFile.drain(bytes, into: descriptor.raw) } catch {
      throw KernelError("write", path, error)
    }
  }
}
