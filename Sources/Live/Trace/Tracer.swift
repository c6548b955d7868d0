import Glibc
import KernelIO
import Knobs
import Netlink
package import ReceivePath

/// Follows packets of some devices, from `init` until it is gone.
package final class Tracer {
  package struct Question: Sendable {
    /// Devices with receive queues, of this network namespace.
    package var devices: [Link]
    package var port: UInt16?
    package var queue: UInt32?
    /// How many of the slowest packets to keep.
    package var slowest: Int

    package init(devices: [Link], port: UInt16? = nil, queue: UInt32? = nil, slowest: Int = 0) {
      self.devices = devices
      self.port = port
      self.queue = queue
      self.slowest = slowest
    }
  }

  private let question: Question
  private let host: Host
  private let session: BPFSession
  private let ring: BPFRing
  private let reasons: DropReasons
  private let possibleCPUs: Int
  private let queues: QueueNames
  private var collector: TraceCollector
  /// What this kernel does not tell, and what that means for the figures.
  package private(set) var lacking: [String] = []
  private var start: UInt64 = 0
  private var processStart: UInt64 = 0

  /// How often records are fetched: the ring holds 26,000 of them.
  private static let interval: UInt64 = 20_000_000
  /// What is on its way when no more packets are taken in may still be read.
  private static let grace: UInt64 = 100_000_000

  /// Attaches everything.
  package init(_ question: Question, on host: Host) throws(TraceError) {
    self.question = question
    self.host = host
    let types: BTF
    do { types = try host.kernel.types() } catch {
      guard error.kind == .absent else { throw TraceError(error, host.kernel) }
      throw TraceError(
        """
        this kernel does not describe its types (no /sys/kernel/btf/vmlinux), and rxtune needs them \
        to find packets in its memory. Nothing is attached. See whether it was built with them: \
        zgrep DEBUG_INFO_BTF /proc/config.gz
        """)
    }
    reasons = DropReasons(types)
    possibleCPUs = host.cpuRoom
    collector = TraceCollector(slowest: question.slowest)
    let queues = QueueNames(question.devices, on: host)
    self.queues = queues
    var options = ["port": UInt64(question.port ?? 0)]
    var napis: [UInt32] = []
    if let queue = question.queue {
      if let known = try queues.napis(of: queue, question.devices) {
        napis = known
        options["napis"] = 1
      } else {
        options["queue"] = UInt64(queue) + 1
      }
    }
    do {
      session = try BPFSession(.stages, types: types, options: options)
      for napi in napis {
        try session.put(hostBytes(napi), hostBytes(napi), in: "napis")
      }
      ring = try session.ring("records")
      let namespace = try host.kernel.networkNamespace()
      for device in question.devices {
        try session.put(hostBytes(device.index), hostBytes(namespace), in: "devices")
      }
    } catch { throw TraceError(error, host.kernel) }
    try attach()
    start = MonotonicClock.now()
    processStart = MonotonicClock.processTime()
  }

  // MARK: - Programs

  /// Without these there is nothing to see.
  private static let needed = ["netif_receive_skb", "skb_copy_datagram_iovec"]
  private static let entry = "napi_gro_receive_entry"
  private static let entryWithoutNAPI = "netif_rx_entry"

  /// The rest, with what lacks where it does.
  private static let optional: [(tracepoints: [String], note: String)] = [
    (["irq_handler_entry", "irq_handler_exit"], "interrupts are not timed"),
    (["softirq_raise", "softirq_entry", "softirq_exit"], "softirqs are not timed"),
    (["napi_poll"], "single polls and NAPI threads are not told apart"),
    (["tcp_probe"], "the time of TCP up to the socket counts as the next stage's"),
    (["sched_waking", "sched_switch"], "wake-ups are not timed"),
    (["kfree_skb"], "drops are not counted"),
  ]

  private func attach() throws(TraceError) {
    // Last things first: a packet that is followed is followed to its end.
    do {
      for name in Self.needed {
        guard try session.attach(name).isEmpty else {
          throw TraceError("this kernel has no tracepoint \(name). Nothing is attached.")
        }
      }
    } catch let error as KernelError {
      throw TraceError(error, host.kernel)
    } catch let error as TraceError { throw error } catch { throw TraceError("\(error)") }
    attachDatagrams()
    for (tracepoints, note) in Self.optional {
      for name in tracepoints {
        if let reason = refusal(name) { lacking.append("\(reason): \(note)") }
      }
    }
    let missing = [Self.entryWithoutNAPI, Self.entry].compactMap { refusal($0, some: true) }
    lacking += missing.map { "\($0): packets that come this way are not seen" }
  }

  /// Reads of UDP: by what a socket tells (since 6.3), or by the datagram's end.
  private func attachDatagrams() {
    let pair = ["sk_data_ready", "sock_recv_length"]
    let refusals = pair.compactMap { refusal($0) }
    guard !refusals.isEmpty else { return }
    for name in pair { session.detach(name) }
    if let reason = refusal("consume_skb") {
      lacking.append("\(reason): UDP is followed to the socket only")
    } else {
      lacking.append(
        """
        \(refusals.joined(separator: "; ")): UDP's time up to the socket counts as the next \
        stage's
        """)
    }
  }

  /// Why a program does not run; nil where it does. `some`: on one of its tracepoints at least.
  private func refusal(_ tracepoint: String, some: Bool = false) -> String? {
    do {
      let missing = try session.attach(tracepoint)
      guard missing.contains(tracepoint), !some || missing.count > 1 else { return nil }
      return "this kernel has no tracepoint \(tracepoint)"
    } catch { return error.description }
  }

  // MARK: - Collect

  /// Fetches records until `end`, a moment of CLOCK_MONOTONIC, or until `sleep` returns false.
  ///
  /// - Parameter sleep: sleeps until a moment; false where the user asked for an end.
  package func collect(until end: UInt64, sleep: (UInt64) -> Bool) {
    // The kernel counts the time of programs over the last tenth: counting it costs time, too.
    let countFrom = end &- (end > start ? (end - start) / 10 : 0)
    var counted: (from: UInt64, cost: BPFSession.Cost, packets: UInt64, statistics: BPFStatistics)?
    var goesOn = true
    while goesOn {
      let now = MonotonicClock.now()
      if now >= end { break }
      if now >= countFrom, counted == nil, let statistics = BPFStatistics() {
        counted = (MonotonicClock.now(), session.cost(), counts().entered, statistics)
      }
      goesOn = sleep(min(end, now &+ Self.interval))
      drain()
    }
    if let counted {
      let cost = session.cost()
      programs = TraceCost.Programs(
        window: MonotonicClock.now() &- counted.from,
        nanoseconds: cost.nanoseconds &- counted.cost.nanoseconds,
        runs: cost.runs &- counted.cost.runs, packets: counts().entered &- counted.packets)
    }
    session.detach(Self.entry)
    session.detach(Self.entryWithoutNAPI)
    ended = MonotonicClock.now()
    processTime = MonotonicClock.processTime() &- processStart
    if goesOn { _ = sleep(ended &+ Self.grace) }
    // A packet that is read from here on would be counted, and its record never fetched.
    session.detachAll()
    drain()
  }

  private var programs: TraceCost.Programs?
  private var ended: UInt64 = 0
  private var processTime: UInt64 = 0

  private func drain() {
    ring.drain { words in
      if var packet = PacketRecord(words) {
        queues.name(&packet)
        collector.add(packet)
      }
    }
  }

  private func counts() -> TraceCounts {
    TraceCounts(session.sums(in: "counts", cpus: possibleCPUs))
  }

  /// All that was seen.
  package func result() -> Trace {
    drain()
    let duration = (ended == 0 ? MonotonicClock.now() : ended) &- start
    let entries = session.entries(in: "drops")
    let symbols = entries.isEmpty ? nil : KernelSymbols(host.kernel)
    return Trace(
      devices: question.devices.map {
        Trace.Device(index: UInt32(bitPattern: $0.index), name: $0.name)
      },
      port: question.port, queue: question.queue, duration: duration,
      summary: collector.summary, counts: counts(),
      drops: TraceDrop.all(entries, reasons, symbols),
      cost: TraceCost(
        programs: programs, process: processTime, duration: duration),
      notes: lacking + gone + Self.notes(on: collector.summary))
  }

  /// Devices that were there when it began.
  private var gone: [String] {
    question.devices.compactMap { device -> String? in
      do throws(KernelError) {
        _ = try host.link(index: device.index)
        return nil
      } catch {
        return error.kind == .absent ? "\(device.name): gone before the trace ended" : nil
      }
    }
  }

  private static func notes(on summary: TraceSummary) -> [String] {
    func count(_ way: PacketRecord.Way) -> UInt64 { summary.ways[way] ?? 0 }
    var notes: [String] = []
    if count(.thread) > 0 {
      notes.append(
        """
        \(count(.thread)) packets were polled by NAPI threads (napi.threaded): for them, softirq \
        means the thread
        """)
    }
    if count(.process) > 0 {
      notes.append(
        """
        \(count(.process)) packets were taken from the device by a process (busy polling, tun): \
        they are timed from GRO on
        """)
    }
    if count(.backlog) > 0 {
      notes.append(
        """
        \(count(.backlog)) packets came without NAPI (netif_rx): they are timed from the backlog \
        on, which GRO stands for
        """)
    }
    return notes
  }
}
