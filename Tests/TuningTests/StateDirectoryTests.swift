import Glibc
import KernelIO
import Testing

@testable import Tuning

@Suite struct StateDirectoryTests {
  private static func scratch() throws -> String {
    var template = Array("/tmp/rxtune-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  @Test func keepsAndAppends() throws {
    let directory = try StateDirectory(try Self.scratch() + "/a/b")
    try directory.create("x", Array("one".utf8))
    let error = #expect(throws: KernelError.self) { try directory.create("x", [1]) }
    #expect(error?.errno == .exists)
    try directory.append("x", Array(" two".utf8))
    #expect(String(decoding: try directory.read("x"), as: UTF8.self) == "one two")
    #expect(try directory.list() == ["x"])
    try directory.remove("x")
    try directory.remove("x")
    #expect(try directory.list().isEmpty)
  }

  @Test func namesTheHolderOfTheLock() throws {
    let directory = try StateDirectory(try Self.scratch())
    var lock: StateLock? = try directory.lock(holder: "rxtune apply spread eth0 (pid 1)")
    let error = #expect(throws: LockError.self) { try directory.lock(holder: "another") }
    #expect(error?.description.contains("apply spread eth0 (pid 1)") == true)
    withExtendedLifetime(lock) {}
    lock = nil
    _ = try directory.lock(holder: "another")
  }

  /// The lock is what counts, not who is said to hold it.
  @Test func isLockedWhereTheHolderCannotBeWritten() throws {
    let path = try Self.scratch()
    let directory = try StateDirectory(path)
    guard unsafe symlink("/dev/full", path + "/lock") == 0 else { throw Errno(rawValue: errno) }
    let lock = try directory.lock(holder: "a change")
    let error = #expect(throws: LockError.self) { try directory.lock(holder: "another") }
    #expect(error?.description == "another change is under way: another process")
    withExtendedLifetime(lock) {}
  }

  @Test func refusesWhatIsNoDirectory() throws {
    #expect(throws: KernelError.self) { try StateDirectory("/proc/rxtune") }
    let path = try Self.scratch()
    _ = try StateDirectory(path)
    #expect(throws: KernelError.self) { try StateDirectory("/dev/null/rxtune") }
  }

  /// /dev/full takes nothing: what a full disk says is said before anything is changed.
  @Test func saysThatTheDiskIsFull() throws {
    let path = try Self.scratch()
    let directory = try StateDirectory(path)
    guard unsafe symlink("/dev/full", path + "/.x.new") == 0 else { throw Errno(rawValue: errno) }
    let error = #expect(throws: KernelError.self) { try directory.create("x", [1]) }
    #expect(error?.errno?.description == "ENOSPC")
    #expect(try directory.list().isEmpty)
  }
}

enum StateDirectoryLock {
  static func hold(_ path: String) throws -> StateLock {
    try StateDirectory(path).lock(holder: "the holder of the test")
  }
}
