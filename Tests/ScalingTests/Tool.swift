import Glibc
import KernelIO

@testable import Scaling

/// The rxtune that was built beside these tests, as a process.
final class Tool {
  struct Ending {
    var status: Int32
    var output: String
    var seconds: Double
    var exitCode: Int32? { status & 0x7f == 0 ? status >> 8 & 0xff : nil }
  }

  /// …/debug/rxtune beside …/debug/rxtunePackageTests.xctest; nil where it is not built.
  static let path: String? = CommandLine.arguments.lazy
    .compactMap { argument in argument.split(separator: "=").last.map(String.init) }
    .filter { $0.contains(".xctest") }
    .compactMap { bundle -> String? in
      guard let suffix = bundle.firstRange(of: ".xctest"),
        let slash = bundle[..<suffix.lowerBound].lastIndex(of: "/")
      else { return nil }
      let candidate = String(bundle[..<slash]) + "/rxtune"
      return unsafe access(candidate, X_OK) == 0 ? candidate : nil
    }.first

  let identifier: pid_t
  private let pipe: Int32
  private let start = MonotonicClock.now()

  /// Both outputs come in one.
  init(_ arguments: [String]) throws {
    var ends: [Int32] = [-1, -1]
    guard unsafe Glibc.pipe(&ends) == 0 else { throw BenchError.last("pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    for descriptor in Int32(1)...2 {
      unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], descriptor)
    }
    var words: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in arguments { unsafe words.append(strdup(word)) }
    unsafe words.append(nil)
    var child: pid_t = 0
    let code = unsafe posix_spawnp(&child, arguments[0], &actions, nil, words, environ)
    for index in unsafe words.indices { unsafe free(words[index]) }
    close(ends[1])
    guard code == 0 else { throw BenchError("start \(arguments[0]): errno \(code)") }
    identifier = child
    pipe = ends[0]
  }

  func signal(_ number: Int32) { kill(identifier, number) }

  /// The output up to and with a line that holds `text`.
  func output(until text: String) -> String {
    var all: [UInt8] = []
    var byte: UInt8 = 0
    while unsafe read(pipe, &byte, 1) == 1 {
      all.append(byte)
      if byte == UInt8(ascii: "\n"), String(decoding: all, as: UTF8.self).contains(text) { break }
    }
    return String(decoding: all, as: UTF8.self)
  }

  func finish() -> Ending {
    var bytes: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let got = unsafe read(pipe, &space, space.count)
      if got <= 0 { break }
      bytes += space[..<got]
    }
    close(pipe)
    var status: Int32 = 0
    unsafe waitpid(identifier, &status, 0)
    return Ending(
      status: status, output: String(decoding: bytes, as: UTF8.self),
      seconds: Double(MonotonicClock.now() - start) / 1e9)
  }

  static func run(_ arguments: [String]) throws -> Ending { try Tool(arguments).finish() }

  /// Those of its processes with that word among their arguments, as soon as there are any, for
  /// ten seconds at most.
  func children(with word: String) -> [pid_t] {
    for _ in 0..<1000 {
      let found = children.filter { $0.arguments.contains(word) }.map(\.identifier)
      if !found.isEmpty { return found }
      usleep(10_000)
    }
    return []
  }

  private var children: [(identifier: pid_t, arguments: [String])] {
    let kernel = LiveKernel()
    let text = try? kernel.text(.proc("\(identifier)/task/\(identifier)/children"))
    return (text ?? "").split(separator: " ").compactMap { Int32($0) }.map { child in
      let line = (try? kernel.read(.proc("\(child)/cmdline"))) ?? []
      return (child, line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }
  }
}
