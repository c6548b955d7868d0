import CKernel
// Its headers declare struct pollfd, too; it counts as the first module's that is read.
import CNl
import Glibc

/// The terminal for as long as a program has the whole of it: raw mode, the other screen, no cursor.
///
/// Before it ends, however it does, the terminal is as it was: at the end of the session, at exit(3),
/// at a signal, and at a crash. One at a time, on the only thread.
@safe package final class TerminalSession {
  package enum Event: Hashable, Sendable {
    case key(KeyPress)
    /// Another size, or others wrote to it: everything is to be drawn again.
    case redraw
    /// SIGINT, SIGTERM, SIGHUP or SIGQUIT; also a terminal that is gone.
    case ended(Int32)
    /// The time that was waited for has come.
    case time
  }

  package struct Size: Hashable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
      self.columns = columns
      self.rows = rows
    }
  }

  private static let output = STDOUT_FILENO
  private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"
  private static let leave = "\u{1b}[?2026l\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"
  /// A lone escape is the key; a sequence's bytes come at once, over a network a little later.
  private static let escapeDelay: UInt64 = 50_000_000

  /// Where keys come from; nil: from nowhere.
  private let input: Int32?
  private let ownInput: Int32?
  private let signals: Int32
  private var previousMask = sigset_t()
  private var decoder = KeyDecoder()
  private var isOpen = true

  package init() throws(KernelError) {
    if isatty(STDIN_FILENO) == 1 {
      (input, ownInput) = (STDIN_FILENO, nil)
    } else {
      let terminal = unsafe open("/dev/tty", O_RDONLY | O_CLOEXEC)
      input = terminal >= 0 ? terminal : nil
      ownInput = input
    }
    var set = Self.set(of: [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])
    unsafe sigprocmask(SIG_BLOCK, &set, &previousMask)
    signals = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    guard signals >= 0 else { throw KernelError("signalfd", "terminal", Errno(rawValue: errno)) }
    try start()
  }

  deinit { close() }

  private static func set(of numbers: [Int32]) -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    return set
  }

  private func start() throws(KernelError) {
    let code = unsafe rxtune_terminal_enter(input ?? -1, Self.output, Self.enter, Self.leave)
    guard code == 0 else { throw KernelError("set up", "terminal", Errno(rawValue: code)) }
  }

  /// Restores the terminal.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    rxtune_terminal_leave()
    unsafe sigprocmask(SIG_SETMASK, &previousMask, nil)
    _ = Glibc.close(signals)
    if let ownInput { _ = Glibc.close(ownInput) }
  }

  /// Restores the terminal, and ends by a signal as if nobody had caught it: who waits for this
  /// process sees what it died of.
  package func end(by signal: Int32) -> Never {
    close()
    var set = Self.set(of: [signal])
    _ = Glibc.signal(signal, SIG_DFL)
    unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
    raise(signal)
    exit(128 + signal)
  }

  package var size: Size { Self.size(of: Self.output) }

  /// 80 by 24 where the terminal does not tell.
  package static func size(of descriptor: Int32) -> Size {
    var (columns, rows): (UInt16, UInt16) = (0, 0)
    let code = unsafe rxtune_terminal_size(descriptor, &columns, &rows)
    guard code == 0, columns > 0, rows > 0 else { return Size(columns: 80, rows: 24) }
    return Size(columns: Int(columns), rows: Int(rows))
  }

  /// False where nobody sees it any more.
  package func write(_ bytes: [UInt8]) -> Bool {
    (try? LocalFile.drain(bytes, into: Self.output)) != nil
  }

  /// What happens next; at the latest at a time of `MonotonicClock`.
  package func wait(until time: UInt64) throws(KernelError) -> [Event] {
    while true {
      let now = MonotonicClock.now()
      let deadline = decoder.isWaiting ? min(time, now &+ Self.escapeDelay) : time
      var waits = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
      if let input { waits.append(pollfd(fd: input, events: Int16(POLLIN), revents: 0)) }
      let count = unsafe poll(
        &waits, nfds_t(waits.count), Self.milliseconds(from: now, to: deadline))
      guard count >= 0 || errno == EINTR else {
        throw KernelError("poll", "terminal", Errno(rawValue: errno))
      }
      var events: [Event] = []
      if count > 0 {
        if waits[0].revents != 0 { events += try signalEvents() }
        if waits.count > 1, waits[1].revents != 0 { events += keys() }
      } else if count == 0, decoder.isWaiting {
        events += decoder.flush().map(Event.key)
      }
      if MonotonicClock.now() >= time { events.append(.time) }
      if !events.isEmpty { return events }
    }
  }

  private static func milliseconds(from now: UInt64, to time: UInt64) -> Int32 {
    time > now ? Int32(clamping: min((time - now) / 1_000_000 + 1, 60_000)) : 0
  }

  private func keys() -> [Event] {
    guard let input else { return [] }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(input, &bytes, bytes.count)
    if count > 0 { return decoder.decode(Array(bytes[..<count])).map(Event.key) }
    // The terminal is gone, though nobody said so.
    return count < 0 && (errno == EINTR || errno == EAGAIN) ? [] : [.ended(SIGHUP)]
  }

  private func signalEvents() throws(KernelError) -> [Event] {
    var events: [Event] = []
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    while unsafe read(signals, &information, size) == size {
      let number = Int32(truncatingIfNeeded: information.ssi_signo)
      switch number {
      case SIGWINCH: events.append(.redraw)
      case SIGTSTP:
        try stop()
        events.append(.redraw)
      case SIGCONT:
        // A shell may have changed the mode while this process was stopped.
        rxtune_terminal_leave()
        try start()
        events.append(.redraw)
      default: events.append(.ended(number))
      }
    }
    return events
  }

  /// Stops as Ctrl-Z wants it, with the terminal as it was, until somebody continues.
  private func stop() throws(KernelError) {
    rxtune_terminal_leave()
    var set = Self.set(of: [SIGTSTP])
    raise(SIGTSTP)
    // Here it stops.
    unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
    unsafe sigprocmask(SIG_BLOCK, &set, nil)
    try start()
  }
}
