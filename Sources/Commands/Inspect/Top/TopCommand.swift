import ArgumentParser
import KernelIO
import Knobs
import Live
import Notation
import ReceivePath
import Rendering

struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    _superCommandName: "rxtune",
    abstract: "Watch rates per queue, CPU and socket, and where packets are dropped.",
    discussion: """
      Reads counters once per interval and shows how fast they grow, in four views: receive \
      queues, CPUs, sockets and drops. The header names the most uneven device (the busiest \
      queue's rate divided by the mean), the busiest CPU and the drops per second. Rows are \
      sorted by rate; idle ones are folded into one line if they do not fit. Keys:
        1 to 4, Tab: choose a view
        left, right, s, r: choose a column, sort by it, reverse the order
        /: show only rows that contain a text; Esc shows all
        d: choose a device
        Space: pause; then [ and ] walk back and forward, and j jumps to a time
        + and -: change the interval
        w: write what is shown to a JSON file
        q: quit

      SOURCE says where a queue's packets and drops are counted: qstats (the netdev netlink \
      family) or driver (ethtool -S). Where neither counts packets per queue, IRQS/S tells which \
      queues are busy. An unknown rate shows as –, for example after a queue was recreated. \
      PROCESS needs root for sockets of other users; new sockets get theirs within ten seconds.

      Prints one JSON document per line with --json, or if standard output is not a terminal. \
      Without a device, watches the physical ones, or all but loopback if there are none.

      Examples:
        rxtune top eth0
            Watch eth0.
        rxtune top --json --count 10 eth0
            Print ten intervals as JSON Lines.
        rxtune top --record night.jsonl --interval 10s
            Record while watching.
        rxtune top --from night.jsonl
            Replay a recording; [ and ] walk through it.
      """)

  @Argument(help: "Devices to watch.", completion: Completions.devices)
  var devices: [String] = []

  @Option(time: "Time between two readings.")
  var interval = Span(milliseconds: 1_000)

  @Option(name: .long, help: "End after this many intervals.")
  var count: Int?

  @Flag(name: .long, help: "Print JSON Lines.")
  var json = false

  @Option(
    name: .long,
    help: ArgumentHelp("Also write all readings to this new file.", valueName: "file"),
    completion: .file())
  var record: String?

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Replay a recording (see --record) instead of this machine; - is standard input.",
      valueName: "recording"),
    completion: .file())
  var recording: String?

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count needs at least 1") }
    if interval.milliseconds < 50 { throw ValidationError("--interval needs at least 50ms") }
    guard recording != nil else { return }
    if record != nil { throw ValidationError("--record and --from exclude each other") }
    if !devices.isEmpty {
      throw ValidationError("a recording holds its own devices: leave them out, and press d")
    }
  }

  func run() throws {
    Console.outliveReaders()
    if let recording {
      let bytes = try LocalFile.read(recording, as: .recording)
      let timeline: Timeline
      do { timeline = try Recording.decode(bytes, from: recording) } catch {
        throw Failure("\(error)", .badFile)
      }
      guard isScreen else { return try replay(timeline) }
      var loop = TopScreenLoop(timeline)
      return try loop.run()
    }
    let sampler = try self.sampler()
    let writer = try record.map { path in try RecordingWriter(path) }
    if isScreen {
      var loop = TopScreenLoop(sampler, writer, every: interval, count: count)
      try loop.run()
    } else {
      try printLines(sampler, writer)
    }
  }

  private var isScreen: Bool { Console.isScreen && !json }

  private func sampler() throws -> Sampler {
    let kernel = LiveKernel()
    let host = Host(kernel)
    // Joined before the first look: what changes in between is announced, not missed.
    let monitor = try EventMonitor(kernel)
    let (_, unknown, _) = try host.devices(named: devices)
    if let unknown { throw unknown }
    return Sampler(host, names: devices, monitor: monitor)
  }

  private func printLines(_ sampler: Sampler, _ writer: RecordingWriter?) throws {
    var timeline = Timeline(limit: 0)
    var next = MonotonicClock.now()
    var left = count ?? .max
    while true {
      let sample = try sampler.look()
      try writer?.append(sample, sampler.configuration)
      timeline.append(sample, sampler.configuration)
      if timeline.indices.upperBound > 1 {
        guard show(timeline, timeline.indices.upperBound - 1) else { return }
        left -= 1
        if left == 0 { return }
      }
      next = Pace.next(after: next, interval)
      MonotonicClock.sleep(until: next)
    }
  }

  private func replay(_ timeline: Timeline) throws {
    guard timeline.indices.count > 1 else {
      throw Failure("the recording holds one sample; rates need two", .badFile)
    }
    for index in timeline.indices.dropFirst().prefix(count ?? .max) {
      guard show(timeline, index) else { return }
    }
  }

  /// False where nobody reads any more.
  private func show(_ timeline: Timeline, _ index: Int) -> Bool {
    timeline.rates(at: index).map { Console.show(TopDocument($0).printed(as: .jsonLine)) } ?? true
  }
}

/// When the next look is due.
enum Pace {
  /// An interval after the one before; looks that were missed (a process that was stopped) are left
  /// out.
  static func next(after time: UInt64, _ interval: Span) -> UInt64 {
    let length = UInt64(max(1, interval.milliseconds)) * 1_000_000
    let now = MonotonicClock.now()
    return time &+ length > now ? time &+ length : now &+ length
  }
}
