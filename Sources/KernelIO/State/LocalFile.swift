import Glibc

/// Ordinary files of the user's: captures, profiles, reports. What belongs to the kernel goes
/// through `Kernel`.
package enum LocalFile {
  /// What a file is read as, and what one of its kind is at most: whatever else stands under the
  /// name (a core dump, /dev/zero) is refused before it fills the memory.
  package enum Content: String, Sendable, CaseIterable {
    /// A host of 64 queues is 1 MB; /proc/interrupts of 512 CPUs is 10 MB.
    case capture
    case profile
    /// 256 settings are 40 kB.
    case journal
    /// A run is 2 kB.
    case results
    case flows = "list of flows"
    /// A sample of 4 queues and CPUs is 3 kB, of 64 of each 30 kB.
    case recording
    case response
    case file

    /// In bytes.
    package var limit: Int {
      switch self {
      case .profile: 1 << 20
      case .capture, .journal, .results, .flows, .response, .file: 64 << 20
      case .recording: 256 << 20
      }
    }

    /// "a capture is at most 64 MiB".
    package var bound: String { "a \(rawValue) is at most \(limit >> 20) MiB" }
  }

  /// The whole of a file; "-" is standard input.
  ///
  /// - Throws: EFBIG where it is larger than `content` may be.
  package static func read(
    _ path: String, as content: Content = .file
  ) throws(KernelError) -> [UInt8] {
    do throws(Errno) {
      if path == "-" { return try whole(STDIN_FILENO, content) }
      let file = try Descriptor(path, O_RDONLY)
      return try whole(file.raw, content)
    } catch { throw failure(path, content, error) }
  }

  package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// The whole of a file that was found in a directory, not named by a person: something else under
  /// such a name, as a pipe that nobody writes to, holds nobody up.
  package static func readFound(
    _ path: String, as content: Content
  ) throws(KernelError) -> [UInt8] {
    do throws(Errno) {
      let file = try Descriptor(path, O_RDONLY | O_NONBLOCK)
      var status = stat()
      guard unsafe fstat(file.raw, &status) == 0 else { throw Errno(rawValue: errno) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw Errno(rawValue: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
      }
      return try whole(file.raw, content)
    } catch {
      throw failure(error == .invalid ? "\(path) (not a regular file)" : path, content, error)
    }
  }

  private static func failure(_ path: String, _ content: Content, _ error: Errno) -> KernelError {
    KernelError("read", error == .tooLarge ? "\(path) (\(content.bound))" : path, error)
  }

  private static func whole(_ descriptor: Int32, _ content: Content) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    var status = stat()
    if unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      guard status.st_size <= content.limit else { throw .tooLarge }
      bytes.reserveCapacity(Int(status.st_size))
    }
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if got == 0 { return bytes }
      if got < 0 {
        if errno == EINTR { continue }
        throw Errno(rawValue: errno)
      }
      // Pipes and devices tell no size before.
      guard bytes.count + got <= content.limit else { throw .tooLarge }
      bytes += chunk[..<got]
    }
  }

  /// Puts `bytes` in place of a file in one step: a reader sees the old file or the whole new one.
  /// "-" is standard output. Devices and pipes are written to, never replaced.
  package static func write(_ path: String, _ bytes: [UInt8]) throws(KernelError) {
    if path == "-" {
      do { return try drain(bytes, into: STDOUT_FILENO) } catch {
        throw KernelError("write", "standard output", error)
      }
    }
    if isSpecial(path) {
      do throws(Errno) {
        let file = try Descriptor(path, O_WRONLY)
        defer { withExtendedLifetime(file) {} }
        return try drain(bytes, into: file.raw)
      } catch { throw KernelError("write", path, error) }
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

  /// Whether it is a device, a pipe or a socket, or such a link as "/dev/stdout".
  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return false }
    return switch status.st_mode & S_IFMT {
    case S_IFREG, S_IFDIR: false
    case S_IFLNK: path.hasPrefix("/dev/") || path.hasPrefix("/proc/")
    default: true
    }
  }

  /// Writes a new file, down to the disk.
  private static func create(_ path: String, _ bytes: [UInt8]) throws(Errno) {
    let file = try Descriptor(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
    try drain(bytes, into: file.raw)
    guard fsync(file.raw) == 0 else { throw Errno(rawValue: errno) }
  }

  static func drain(_ bytes: [UInt8], into descriptor: Int32) throws(Errno) {
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
