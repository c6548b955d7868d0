import Glibc

/// This program, started again as a process that no terminal or session can take along.
package enum DetachedProcess {
  /// Where the child reports that it is up.
  private static let readyDescriptor: Int32 = 3
  /// POSIX_SPAWN_SETSID of spawn.h, which only GNU sources see.
  private static let newSession: Int16 = 0x80

  /// Starts this program with `arguments` in a session of its own, without terminal, and waits
  /// until it calls `detach`.
  package static func start(_ arguments: [String]) throws(KernelError) {
    do throws(Errno) {
      try spawn(arguments)
    } catch {
      throw KernelError("start", arguments.first ?? "", error)
    }
  }

  private static func spawn(_ arguments: [String]) throws(Errno) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
    let read = Descriptor(adopting: ends[0])
    let write = Descriptor(adopting: ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }

    var attributes = posix_spawnattr_t()
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawnattr_init(&attributes)
    unsafe posix_spawn_file_actions_init(&actions)
    defer {
      unsafe posix_spawnattr_destroy(&attributes)
      unsafe posix_spawn_file_actions_destroy(&actions)
    }
    unsafe posix_spawnattr_setflags(&attributes, newSession)
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, write.raw, readyDescriptor)

    // The path that was started may be gone, as after an update: the kernel knows the file.
    var words: [UnsafeMutablePointer<CChar>?] = unsafe (["rxtune"] + arguments).map {
      unsafe strdup($0)
    }
    unsafe words.append(nil)
    defer { unsafe words.forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let code = unsafe posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, words, environ)
    guard code == 0 else { throw Errno(rawValue: code) }
    _ = consume write
    try waitForByte(read)
  }

  private static func waitForByte(_ file: borrowing Descriptor) throws(Errno) {
    var byte: UInt8 = 0
    while true {
      let got = unsafe read(file.raw, &byte, 1)
      if got == 1 { return }
      // The child ended before it was ready.
      if got == 0 { throw Errno(rawValue: ECHILD) }
      if errno != EINTR { throw Errno(rawValue: errno) }
    }
  }

  /// To be called by the child, which has nothing open yet: it lets go of what it inherited, ignores
  /// what ends a session, leaves the session's control group as far as it may, and tells the parent
  /// that it is up.
  package static func detach() {
    // A lock of the caller's, say, is not to be held until the child ends.
    closefrom(readyDescriptor + 1)
    for number in [SIGHUP, SIGINT, SIGTERM] { _ = signal(number, SIG_IGN) }
    _ = unsafe chdir("/")
    // At the end of a login systemd may kill all that is in the session's group.
    if let group = try? Descriptor("/sys/fs/cgroup/cgroup.procs", O_WRONLY) {
      let text = Array("0".utf8)
      _ = unsafe text.withUnsafeBytes { unsafe write(group.raw, $0.baseAddress, $0.count) }
    }
    let ready: [UInt8] = [1]
    _ = unsafe ready.withUnsafeBytes { unsafe write(readyDescriptor, $0.baseAddress, $0.count) }
    close(readyDescriptor)
  }

  /// Sleeps; a signal may cut it short.
  package static func sleep(milliseconds: Int64) {
    var time = timespec(
      tv_sec: Int(milliseconds / 1_000), tv_nsec: Int(milliseconds % 1_000) * 1_000_000)
    unsafe nanosleep(&time, nil)
  }

  /// Milliseconds since boot, counting on while the machine sleeps and whatever the clock is set
  /// to.
  package static func uptime() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
