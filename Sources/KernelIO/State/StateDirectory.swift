import Glibc

/// A directory of small files that must survive a crash: what was written is on the disk when
/// the call returns, whole or not at all.
package final class StateDirectory {
  /// Where rxtune has its own, unless it is told otherwise; gone with the boot, as what it is about.
  package static let standard = "/run/rxtune"

  package let path: String

  /// Makes the directory, and those above it, for its owner alone.
  package init(_ path: String) throws(KernelError) {
    // Whoever goes on in another directory, as a guard does, has it all the same.
    self.path = try LocalDirectory.absolute(path)
    try LocalDirectory.make(self.path, mode: 0o700)
  }

  /// For reading alone: makes none, and where there is none, it is empty.
  package init(reading path: String) { self.path = path }

  private func absolute(_ name: String) -> String { path + "/" + name }

  /// Writes a new file: after a crash it is there whole, or not at all. One of that name is
  /// refused; the caller holds the lock, so that none comes meanwhile.
  package func create(_ name: String, _ bytes: [UInt8]) throws(KernelError) {
    guard !LocalFile.exists(absolute(name)) else {
      throw KernelError("write", absolute(name), .exists)
    }
    let temporary = absolute("." + name + ".new")
    do throws(Errno) {
      let file = try Descriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
      try Self.put(bytes, to: file)
      guard fsync(file.raw) == 0 else { throw Errno(rawValue: errno) }
      guard unsafe rename(temporary, absolute(name)) == 0 else { throw Errno(rawValue: errno) }
      try sync()
    } catch {
      _ = unsafe unlink(temporary)
      throw KernelError("write", absolute(name), error)
    }
  }

  /// Appends `bytes`; after a crash a part of them may be there, and nothing before is lost.
  package func append(_ name: String, _ bytes: [UInt8]) throws(KernelError) {
    do throws(Errno) {
      let file = try Descriptor(absolute(name), O_WRONLY | O_APPEND)
      try Self.put(bytes, to: file)
      guard fsync(file.raw) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      throw KernelError("append", absolute(name), error)
    }
  }

  package func read(_ name: String) throws(KernelError) -> [UInt8] {
    try LocalFile.readFound(absolute(name), as: .journal)
  }

  /// Names of the files, sorted, without those half written.
  package func list() throws(KernelError) -> [String] {
    do throws(KernelError) { return try LocalDirectory.list(path) } catch {
      guard error.errno == .noEntry else { throw error }
      return []
    }
  }

  package func remove(_ name: String) throws(KernelError) {
    _ = try LocalFile.remove(absolute(name))
  }

  /// Takes the directory's lock, or says who holds it. It is free when the holder ends, however
  /// it ends.
  package func lock(holder: String) throws(LockError) -> StateLock {
    do throws(Errno) {
      return StateLock(try locked(holder))
    } catch .wouldBlock {
      let text = (try? read(Self.lockName)).map { String(decoding: $0, as: UTF8.self) }
      throw .held(by: text.flatMap { $0.isEmpty ? nil : $0 } ?? "another process")
    } catch {
      throw .failed(KernelError("lock", absolute(Self.lockName), error))
    }
  }

  private static let lockName = "lock"

  private func locked(_ holder: String) throws(Errno) -> Descriptor {
    let file = try Descriptor(absolute(Self.lockName), O_RDWR | O_CREAT, mode: 0o600)
    guard flock(file.raw, LOCK_EX | LOCK_NB) == 0 else { throw Errno(rawValue: errno) }
    // Where the disk is full, nobody can read who holds it; held it is.
    if ftruncate(file.raw, 0) == 0 { try? Self.put(Array(holder.utf8), to: file) }
    return file
  }

  /// Makes names durable: a file's own fsync does not cover its directory entry.
  private func sync() throws(Errno) {
    let directory = try Descriptor(path, O_RDONLY | O_DIRECTORY)
    guard fsync(directory.raw) == 0 else { throw Errno(rawValue: errno) }
  }

  private static func put(_ bytes: [UInt8], to file: borrowing Descriptor) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let put = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(file.raw, $0.baseAddress.map { unsafe $0 + done }, $0.count - done)
      }
      if put < 0 {
        if errno == EINTR { continue }
        throw Errno(rawValue: errno)
      }
      done += put
    }
  }
}

/// The lock of a state directory, held as long as this lives.
package final class StateLock {
  private let file: Descriptor
  init(_ file: consuming Descriptor) { self.file = file }
}

package enum LockError: Error, CustomStringConvertible {
  case held(by: String)
  case failed(KernelError)

  package var description: String {
    switch self {
    case .held(let holder): "another change is under way: \(holder)"
    case .failed(let error): error.description
    }
  }
}
