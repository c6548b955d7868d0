import Glibc
import TestSupport
import TestTraits
import Testing

/// A terminal of tmux(1)'s with a shell in it.
private struct Tmux {
  private let name: String

  static let isUsable = Shell.has("tmux")

  init(columns: Int, rows: Int) throws {
    name = "rxtune-\(UInt64.random(in: 0 ... .max))"
    try Shell.run(
      "env -u TMUX LC_ALL=C.UTF-8 tmux -u -L \(name) -f /dev/null new-session -d -s t -x \(columns) "
        + "-y \(rows) \"env PS1='ready> ' sh -i\"")
    try wait { $0.contains("ready>") }
  }

  func close() { _ = try? tmux("kill-server") }

  @discardableResult
  private func tmux(_ words: String) throws -> String {
    try Shell.run("tmux -u -L \(name) \(words)")
  }

  /// As tmux names keys, or text.
  func press(_ keys: String...) throws {
    let quoted = keys.map { "'\($0)'" }.joined(separator: " ")
    try tmux("send-keys -t t \(quoted)")
  }

  func type(_ line: String) throws {
    try tmux("send-keys -t t -l '\(line)'")
    try press("Enter")
  }

  func resize(columns: Int, rows: Int) throws {
    try tmux("resize-window -t t -x \(columns) -y \(rows)")
  }

  var screen: String { get throws { try tmux("capture-pane -p -t t") } }

  /// Whether the other screen is shown, and a cursor.
  var state: String { get throws { try display("#{alternate_on} #{cursor_flag}") } }

  private func display(_ format: String) throws -> String {
    try tmux("display -p -t t '\(format)'").filter { $0 != "\n" }
  }

  /// The process that the shell runs.
  var child: String {
    get throws {
      try Shell.run("ps -o pid= --ppid \(try display("#{pane_pid}"))").filter(\.isNumber)
    }
  }

  /// Until the screen is like that; never is a failure that shows the screen.
  func wait(
    sourceLocation: SourceLocation = #_sourceLocation, _ isSo: (String) throws -> Bool
  ) throws {
    for _ in 0..<200 {
      if try isSo(try screen) { return }
      usleep(50_000)
    }
    Issue.record("never came; the screen is\n\(try screen)", sourceLocation: sourceLocation)
  }
}

/// `rxtune top` on a real terminal, driven by keys, in a namespace with traffic.
@Suite(
  "top on a terminal", .ownThreadFirst, .serialized,
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"),
  .enabled(if: Tmux.isUsable, "needs tmux"))
struct TopTerminalTests {
  private static let shown = "1 0"
  private static let restored = "0 1"

  /// A terminal in which top watches v0, which receives a few frames a second.
  private func withTop(
    _ options: String = "", columns: Int = 100, rows: Int = 30,
    _ body: (Tmux, NetworkNamespace) throws -> Void
  ) throws {
    try NetworkNamespace.run { namespace in
      try namespace.addVeth("v0", "v1")
      let ping = try namespace.shell(
        "ip addr add 192.0.2.1/24 dev v1; ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev v1; "
          + "ping -q -i 0.05 192.0.2.2 >/dev/null 2>&1 & echo $!"
      ).filter(\.isNumber)
      let listener = try namespace.shell(
        """
        /usr/bin/python3 -c 'import socket, time
        s = socket.socket(); s.bind(("0.0.0.0", 8080)); s.listen(); time.sleep(600)' \
        >/dev/null 2>&1 & echo $!
        """
      ).filter(\.isNumber)
      let terminal = try Tmux(columns: columns, rows: rows)
      defer {
        terminal.close()
        _ = try? Shell.run("kill \(ping) \(listener); rm -f /tmp/rxtune-stty-\(getpid())")
      }
      try terminal.type("stty -g >/tmp/rxtune-stty-\(getpid())")
      try terminal.type("\(options) \(Program.rxtune) top v0 --interval 200ms; echo status $?")
      try terminal.wait { $0.contains("rxtune top") && $0.contains("packets/s") }
      try body(terminal, namespace)
    }
  }

  /// The terminal as it was before, down to each of its settings.
  private func expectRestored(
    _ terminal: Tmux, status: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try terminal.wait(sourceLocation: sourceLocation) { $0.contains("status \(status)") }
    #expect(try terminal.state == Self.restored, sourceLocation: sourceLocation)
    try terminal.type(
      "stty -g | cmp - /tmp/rxtune-stty-\(getpid()) && echo same settings")
    try terminal.wait(sourceLocation: sourceLocation) { $0.contains("\nsame settings") }
  }

  @Test func viewsOrderFilterPauseAndQuit() throws {
    try withTop { terminal, _ in
      #expect(try terminal.state == Self.shown)
      try terminal.wait { $0.contains("v0 ") && !$0.contains("– packets/s") }
      for (key, heading) in [("2", "SQUEEZED/S"), ("3", "0.0.0.0:8080"), ("4", "COUNTER")] {
        try terminal.press(key)
        try terminal.wait { $0.contains(heading) }
      }
      try terminal.press("Tab")
      try terminal.wait { $0.contains("PACKETS/S▼") }
      try terminal.press("Left", "s")
      try terminal.wait { $0.contains("QUEUE▼") }
      try terminal.press("r")
      try terminal.wait { $0.contains("QUEUE▲") }
      try terminal.press("/", "n", "o", "n", "e")
      try terminal.wait {
        $0.contains("no queues with that") && $0.contains("show rows with: none_")
      }
      try terminal.press("Escape")
      try terminal.wait { !$0.contains("no queues with that") }
      try terminal.press("Space", "[")
      try terminal.wait { $0.contains("paused") && $0.contains(" back") }
      try terminal.press("?")
      try terminal.wait { $0.contains("any key returns") }
      try terminal.press("x", "q")
      try expectRestored(terminal, status: 0)
    }
  }

  @Test(arguments: [("TERM", 143), ("HUP", 129), ("QUIT", 131), ("SEGV", 139)])
  func aSignalRestoresTheTerminal(name: String, status: Int) throws {
    // A debug build would tell of a crash at length, and ask what to do about it.
    try withTop("SWIFT_BACKTRACE=enable=no") { terminal, namespace in
      try namespace.shell("kill -\(name) \(try terminal.child)")
      try expectRestored(terminal, status: status)
    }
  }

  @Test func controlCAndControlZ() throws {
    try withTop { terminal, _ in
      try terminal.press("C-z")
      try terminal.wait { _ in try terminal.state == Self.restored }
      try terminal.type("stty -g | cmp - /tmp/rxtune-stty-\(getpid()) && echo same settings")
      try terminal.wait { $0.contains("\nsame settings") }
      try terminal.type("fg")
      try terminal.wait {
        try terminal.state == Self.shown && $0.contains("rxtune top") && !$0.contains("settings")
      }
      try terminal.press("2")
      try terminal.wait { $0.contains("SQUEEZED/S") }
      try terminal.press("C-c")
      try terminal.wait { _ in try terminal.state == Self.restored }
    }
  }

  @Test func anotherSize() throws {
    try withTop { terminal, _ in
      try terminal.resize(columns: 60, rows: 12)
      try terminal.wait { screen in
        // The last line shows that the others were drawn.
        let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.prefix(12).last?.hasPrefix("q quit") == true
          && lines.allSatisfy { $0.count <= 60 } && screen.contains("PACKETS/S")
      }
      try terminal.resize(columns: 30, rows: 5)
      try terminal.wait { $0.contains("too small: 30 by 5") }
      try terminal.resize(columns: 100, rows: 30)
      try terminal.wait { $0.contains("SOFTIRQ") }
      try terminal.press("q")
      try expectRestored(terminal, status: 0)
    }
  }

  @Test func terminalsThatKnowLess() throws {
    try withTop("LC_ALL=C NO_COLOR=1") { terminal, _ in
      try terminal.wait { $0.contains("PACKETS/Sv") }
      #expect(try terminal.screen.utf8.allSatisfy { $0 < 0x80 })
      try terminal.press("q")
      try expectRestored(terminal, status: 0)
      try terminal.type("clear; TERM=dumb \(Program.rxtune) top v0 --interval 200ms --count 1")
      try terminal.wait { $0.contains("{\"rxtune\":") }
      #expect(try terminal.state == Self.restored)
    }
  }

  @Test func aRecordingOnATerminal() throws {
    try withTop { terminal, namespace in
      try terminal.press("q")
      try expectRestored(terminal, status: 0)
      let file = "/tmp/rxtune-top-\(UInt64.random(in: 0 ... .max)).jsonl"
      defer { _ = try? Shell.run("rm -f \(file)") }
      try namespace.shell(
        "\(Program.rxtune) top v0 --interval 100ms --count 4 --record \(file) >/dev/null")
      try terminal.type("clear; \(Program.rxtune) top --from \(file); echo status $?")
      try terminal.wait { $0.contains("recorded, 2 of 5") && $0.contains("v0") }
      try terminal.press("]")
      try terminal.wait { $0.contains("recorded, 3 of 5") }
      try terminal.press("]", "]", "]", "]")
      try terminal.wait { $0.contains("recorded, 5 of 5") }
      try terminal.press("q")
      try terminal.wait { $0.contains("status 0") }
    }
  }
}
