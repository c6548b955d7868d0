import Glibc

/// A process at work, its output kept.
struct Program {
  struct Ending {
    var output: String
    /// Seconds of CPU.
    var user: Double
    var system: Double
    var succeeded: Bool
  }

  private let identifier: pid_t
  private let output: Int32

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  /// Starts it on one CPU.
  init(_ arguments: [String], cpu: Int) throws {
    let arguments = ["taskset", "-c", "\(cpu)"] + arguments
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw Broken("pipe: errno \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    var words: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in arguments { unsafe words.append(strdup(word)) }
    unsafe words.append(nil)
    var child: pid_t = 0
    let code = unsafe posix_spawnp(&child, arguments[0], &actions, nil, words, environ)
    for index in unsafe words.indices { unsafe free(words[index]) }
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw Broken("start \(arguments[0]): errno \(code)")
    }
    identifier = child
    output = ends[0]
  }

  func signal(_ number: Int32) { kill(identifier, number) }

  func finish() -> Ending {
    var bytes: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let got = unsafe read(output, &space, space.count)
      if got <= 0 { break }
      bytes += space[..<got]
    }
    close(output)
    var status: Int32 = 0
    var usage = rusage()
    unsafe wait4(identifier, &status, 0, &usage)
    return Ending(
      output: String(decoding: bytes, as: UTF8.self),
      user: Self.seconds(usage.ru_utime), system: Self.seconds(usage.ru_stime),
      succeeded: status == 0)
  }
}

struct Broken: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
