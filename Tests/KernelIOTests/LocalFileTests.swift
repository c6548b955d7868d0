import Glibc
import Testing

@testable import KernelIO

/// What stands under a name may be anything: what is too large is refused, and not held first.
@Suite("Local files") struct LocalFileTests {
  private func refusal(_ path: String, _ content: LocalFile.Content) -> KernelError? {
    do {
      let bytes = try LocalFile.read(path, as: content)
      Issue.record("\(path) was read: \(bytes.count) bytes")
      return nil
    } catch { return error }
  }

  @Test(arguments: LocalFile.Content.allCases)
  func aFileBeyondItsKindsLimitIsRefusedBySize(_ content: LocalFile.Content) throws {
    let path = "/tmp/rxtune-large-\(getpid())-\(content.rawValue)"
    defer { unsafe unlink(path) }
    let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    // Sparse: of 300 MB nothing is on the disk, and all would be in the memory.
    try #require(ftruncate(file, 300_000_000) == 0)
    let error = try #require(refusal(path, content))
    #expect(error.errno == .tooLarge)
    #expect(error.description == "read \(path) (\(content.bound)): file too large (EFBIG)")

    try #require(ftruncate(file, off_t(content.limit)) == 0)
    #expect(try LocalFile.read(path, as: content).count == content.limit)
  }

  @Test func aDeviceThatNeverEndsIsRefused() {
    #expect(refusal("/dev/zero", .profile)?.errno == .tooLarge)
  }

  @Test func aWholeFileComesBack() throws {
    #expect(try LocalFile.read("/dev/null", as: .capture).isEmpty)
    #expect(try !LocalFile.read("/proc/self/stat", as: .capture).isEmpty)
    #expect(refusal("/proc/self/nothing", .capture)?.errno == .noEntry)
  }

  /// As root, a rename would put a file in the place of the machine's /dev/null.
  @Test func whatIsNoRegularFileIsWrittenToAndNotReplaced() throws {
    let path = "/tmp/rxtune-pipe-\(getpid())"
    defer { unsafe unlink(path) }
    try #require(unsafe mkfifo(path, 0o600) == 0)
    let reader = unsafe open(path, O_RDWR | O_NONBLOCK)
    try #require(reader >= 0)
    defer { close(reader) }
    try LocalFile.write(path, Array("whole".utf8))
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = unsafe read(reader, &bytes, bytes.count)
    #expect(String(decoding: bytes.prefix(Swift.max(0, count)), as: UTF8.self) == "whole")
    var status = stat()
    #expect(unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func aRegularFileIsReplacedInOneStep() throws {
    let path = "/tmp/rxtune-regular-\(getpid())"
    defer { unsafe unlink(path) }
    try LocalFile.write(path, [1])
    var before = stat()
    #expect(unsafe stat(path, &before) == 0)
    try LocalFile.write(path, [2, 3])
    var after = stat()
    #expect(unsafe stat(path, &after) == 0 && after.st_ino != before.st_ino)
    #expect(try LocalFile.read(path, as: .capture) == [2, 3])
  }
}
