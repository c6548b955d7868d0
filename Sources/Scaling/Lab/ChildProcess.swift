import Glibc
import KernelIO

/// A half of a measurement as its parent sees it; killed when it goes out of scope.
package final class ChildProcess {
  private let identifier: pid_t
  private let channel: ControlChannel
  private let descriptors: (input: Int32, output: Int32)
  private let name: String
  private var status: Int32?

  /// Starts `executable` with `arguments`, in a process group of its own so that Ctrl-C reaches
  /// the parent alone, which then stops it in order.
  package init(_ executable: String, _ arguments: [String], name: String) throws(BenchError) {
    var down: [Int32] = [-1, -1]
    var up: [Int32] = [-1, -1]
    guard unsafe pipe(&down) == 0 else { throw BenchError.last("pipe") }
    guard unsafe pipe(&up) == 0 else {
      let error = BenchError.last("pipe")
      for descriptor in down { close(descriptor) }
      throw error
    }
    for descriptor in [down[1], up[0]] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    // A child that has died must not take its parent along.
    signal(SIGPIPE, SIG_IGN)

    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, down[0], 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, up[1], 1)
    unsafe posix_spawn_file_actions_addclose(&actions, down[0])
    unsafe posix_spawn_file_actions_addclose(&actions, up[1])
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))

    var words: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in [executable] + arguments { unsafe words.append(strdup(word)) }
    unsafe words.append(nil)
    var child: pid_t = 0
    let code = unsafe posix_spawn(&child, executable, &actions, &attributes, words, environ)
    for index in unsafe words.indices { unsafe free(words[index]) }
    unsafe posix_spawn_file_actions_destroy(&actions)
    unsafe posix_spawnattr_destroy(&attributes)
    close(down[0])
    close(up[1])
    guard code == 0 else {
      close(down[1])
      close(up[0])
      throw BenchError("start \(executable)", Errno(rawValue: code))
    }
    identifier = child
    descriptors = (up[0], down[1])
    channel = ControlChannel(input: up[0], output: down[1])
    self.name = name
  }

  deinit {
    close(descriptors.output)
    close(descriptors.input)
    if status == nil {
      kill(identifier, SIGKILL)
      reap()
    }
  }

  private func reap() {
    var code: Int32 = 0
    while unsafe waitpid(identifier, &code, 0) < 0 && errno == EINTR {}
    status = code
  }

  func send(_ message: ControlMessage) throws(BenchError) {
    do { try channel.send(message) } catch {
      throw error.errno?.rawValue == EPIPE ? ended() : error
    }
  }

  private func ended() -> BenchError {
    reap()
    return BenchError("the \(name) ended unexpectedly (\(ending))")
  }

  /// The next answer; `Interrupted` where a signal came first.
  func receive(within seconds: Double, _ interruption: Interruption) throws(BenchError)
    -> ControlMessage
  {
    let deadline = MonotonicClock.now() &+ Window.nanoseconds(seconds)
    if interruption.sleep(until: deadline, or: descriptors.input),
      !Interruption.isReadable(descriptors.input)
    {
      throw BenchError("the \(name) gave no answer within \(Int(seconds)) s")
    }
    if interruption.hasCome { throw .interrupted }
    guard let message = try channel.receive() else { throw ended() }
    switch message {
    case .failed(let reason): throw BenchError(reason)
    case .refused(let reason): throw BenchError(reason, isFinal: true)
    default: return message
    }
  }

  /// False where an answer of its, or a signal, comes first.
  func sleep(until moment: UInt64, _ interruption: Interruption) -> Bool {
    interruption.sleep(until: moment, or: descriptors.input)
  }

  private var ending: String {
    guard let status else { return "still running" }
    let signal = status & 0x7f
    return signal == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(signal)"
  }
}

extension BenchError {
  /// A signal asked for the end.
  package static let interrupted = BenchError("interrupted")
}
