import Glibc

/// Ordinary files of the user's: captures, profiles, reports. What belongs to the kernel goes
/// through `Kernel`.
package enum LocalFile {
  /// The whole of a file; "-" is standard input.
  package static func read(_ path: String) throws(KernelError) -> [UInt8] {
    do throws(Errno) {
      var bytes: [UInt8] = []
      if path == "-" {
        try fill(&bytes, from: STDIN_FILENO)
      } else {
        let file = try Descriptor(path, O_RDONLY)
        try fill(&bytes, from: file.raw)
      }
      return bytes
    } catch {
      throw KernelError("read", path, error)
    }
  }

  /// The whole of a file that was found in a directory, not named by a person: something else under
  /// such a name, as a pipe that nobody writes to, holds nobody up.
  package static func readFound(_ path: String) throws(KernelError) -> [UInt8] {
    do throws(Errno) {
      let file = try Descriptor(path, O_RDONLY | O_NONBLOCK)
      var status = stat()
      guard unsafe fstat(file.raw, &status) == 0 else { throw Errno(rawValue: errno) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw Errno(rawValue: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
      }
      var bytes: [UInt8] = []
      try fill(&bytes, from: file.raw)
      return bytes
    } catch {
      throw KernelError("read", error == .invalid ? "\(path) (it is no regular file)" : path, error)
    }
  }

  private static func fill(_ bytes: inout [UInt8], from descriptor: Int32) throws(Errno) {
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if got == 0 { return }
      if got < 0 {
        if errno == EINTR { continue }
        throw Errno(rawValue: errno)
      }
      bytes += chunk[..<got]
    }
  }

  /// Puts `bytes` in place of a file in one step: a reader sees the old file or the whole new one.
  /// "-" is standard output.
  package static func write(_ path: String, _ bytes: [UInt8]) throws(KernelError) {
    if path == "-" {
      do { return try drain(bytes, into: STDOUT_FILENO) } catch {
        throw KernelError("write", "standard output", error)
      }
    }
    let temporary = "\(path).new-\(getpid())"
    do throws(Errno) {
      try create(temporary, bytes)
      guard unsafe rename(temporary, path) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      _ = unsafe unlink(temporary)
      throw KernelError("write", path, error)
    }
  }

  /// Writes a new file, down to the disk.
  private static func create(_ path: String, _ bytes: [UInt8]) throws(Errno) {
    let file = try Descriptor(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
    try drain(bytes, into: file.raw)
    guard fsync(file.raw) == 0 else { throw Errno(rawValue: errno) }
  }

  private static func drain(_ bytes: [UInt8], into descriptor: Int32) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let put = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress.map { unsafe $0 + done }, $0.count - done)
      }
      if put < 0 {
        if errno == EINTR { continue }
        throw Errno(rawValue: errno)
      }
      done += put
    }
  }
}
