import Glibc

/// A process that was run to its end.
struct Child {
  var seconds: Double
  /// Of CPU time, its own and its children's.
  var processor: Double
  var peakKiB: Int
  var status: Int32

  /// Runs a program, its output thrown away unless `output` names a file.
  ///
  /// - Parameter arguments: the program's path first.
  static func run(_ arguments: [String], output: String = "/dev/null") -> Child {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe argv.forEach { unsafe free($0) } }

    let start = now()
    var pid = pid_t()
    guard unsafe posix_spawn(&pid, arguments[0], &actions, nil, &argv, environ) == 0 else {
      return Child(seconds: 0, processor: 0, peakKiB: 0, status: -1)
    }
    var status: Int32 = 0
    var usage = rusage()
    _ = unsafe wait4(pid, &status, 0, &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Child(
      seconds: now() - start, processor: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      peakKiB: usage.ru_maxrss, status: status)
  }

  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
