import CKernel
import Glibc
import KernelIO

/// A program at work beside this one, with pipes as its standard input and output; killed when this
/// goes out of scope.
final class SpawnedProcess {
  /// What it writes comes out there.
  let output: Int32
  private(set) var input: Int32
  private let identifier: pid_t
  private var status: Int32?

  /// It gets a process group of its own so that Ctrl-C reaches this process alone, which then stops
  /// it in order.
  ///
  /// - Parameter passing: a descriptor that is to have the same number there.
  init(
    _ executable: String, _ arguments: [String], passing: Int32? = nil
  ) throws(BenchError) {
    var down: [Int32] = [-1, -1]
    var up: [Int32] = [-1, -1]
    guard unsafe pipe(&down) == 0 else { throw BenchError.last("pipe") }
    guard unsafe pipe(&up) == 0 else {
      let error = BenchError.last("pipe")
      for descriptor in down { close(descriptor) }
      throw error
    }
    for descriptor in down + up { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    // A child that has died must not take its parent along.
    signal(SIGPIPE, SIG_IGN)

    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, down[0], 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, up[1], 1)
    // Onto itself: it stays open.
    if let passing { unsafe posix_spawn_file_actions_adddup2(&actions, passing, passing) }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    // What is blocked here is waited for here.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

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
    output = up[0]
    input = down[1]
  }

  deinit {
    closeInput()
    close(output)
    kill()
    wait()
  }

  func closeInput() {
    guard input >= 0 else { return }
    close(input)
    input = -1
  }

  /// It, and what it started.
  func kill() {
    if status == nil { Glibc.kill(-identifier, SIGKILL) }
  }

  func wait() {
    guard status == nil else { return }
    var code: Int32 = 0
    while unsafe waitpid(identifier, &code, 0) < 0 && errno == EINTR {}
    status = code
  }

  /// By a signal, once that is waited for.
  var wasKilled: Bool { status.map { $0 & 0x7f != 0 } ?? false }

  /// With exit code 0, once that is waited for.
  var hasSucceeded: Bool { status == 0 }

  /// How it has ended, once that is waited for.
  var ending: String {
    guard let status else { return "still running" }
    let signal = status & 0x7f
    return signal == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(signal)"
  }
}
