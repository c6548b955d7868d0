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
}
