import ArgumentParser
import KernelIO
import Knobs
import Live
import ReceivePath
import Rendering
import Scaling

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Time each stage of the receive path, packet by packet.",
    discussion: """
      Follows packets from their interrupt to the program that reads them, and prints how long \
      each stage took: interrupt, softirq, poll, GRO, stack, socket, wake-up, scheduler, read. The \
      stages of a packet add up to its whole way. Then come the same times by queue, CPU and \
      socket, and what became of the packets that no program read.

      Small programs on the kernel's tracepoints take the stamps (BPF; nothing is loaded that \
      outlives the command, even if it is killed). They cost about 1 µs per packet; the last line \
      says what they cost here. Needs root, or CAP_BPF and CAP_PERFMON, and a kernel with BTF \
      (/sys/kernel/btf/vmlinux), 6.1 or later.

      Followed are TCP and UDP over IPv4 and IPv6, to recv(2) and its like, through bridges and \
      into containers. Of packets that GRO or the socket merges, the first is followed and the \
      others are counted. Not followed are splice(2), zero-copy and AF_XDP receivers, fragments, \
      and what is inside of tunnels. For a device without receive queues, rxtune follows the \
      devices below it.

      Examples:
        rxtune trace eth0
            Trace packets of eth0 for 10 seconds.
        rxtune trace eth0 --port 8080 --slowest 3
            Trace one server's packets, and walk through its slowest.
        rxtune trace eth0 --drops --for 1m
            Count drops by reason, and by the function that dropped.
      """)

  @Argument(help: "Devices to trace.", completion: Completions.devices)
  var devices: [String] = []

  @Option(name: .customLong("for"), time: "How long to trace.")
  var duration = Span(milliseconds: 10_000)

  @Option(help: "Trace only packets of this receive queue.")
  var queue: UInt32?

  @Option(help: "Trace only packets to this local port.")
  var port: UInt16?

  @Option(help: "How many of the slowest packets to list, stage by stage.")
  var slowest = 0

  @Flag(help: "List drops by reason and place.")
  var drops = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard duration.milliseconds > 0 else {
      throw ValidationError("--for \(duration): use a time of 1ms or more")
    }
    if port == 0 { throw ValidationError("--port 0: use a port from 1 to 65535") }
    guard (0...1000).contains(slowest) else {
      throw ValidationError("--slowest \(slowest): use a number up to 1000")
    }
    if let queue, queue >= 0xffff {
      throw ValidationError("--queue \(queue): use a queue's number, as rxtune show lists them")
    }
  }

  func run() throws {
    let host = Host(LiveKernel())
    let (links, unknown, all) = try host.devices(named: devices)
    if let unknown { throw unknown }
    let interruption = try Interruption()
    let tracer = try Tracer(
      Tracer.Question(
        devices: try receiving(links, all, host), port: port, queue: queue, slowest: slowest),
      on: host)
    let now = MonotonicClock.now()
    let end = now &+ UInt64(clamping: duration.milliseconds) &* 1_000_000
    Progress.show("tracing for \(duration)")
    tracer.collect(until: end) { interruption.sleep(until: $0) }
    Progress.show(nil)
    try print(
      TraceDocument(tracer.result(), listsDrops: drops), as: OutputFormat(json: json))
  }

  /// The devices that packets of `links` arrive at, each once.
  private func receiving(_ links: [Link], _ all: [Link], _ host: Host) throws -> [Link] {
    var receiving: [Link] = []
    for link in links {
      let arrivals = host.arrivals(link, all)
      guard !arrivals.places.isEmpty else {
        throw Failure(
          "\(link.name): \(arrivals.reason.description). Name the device below it.", .notSupported,
          place: .device(link.name))
      }
      for place in arrivals.places
      where !receiving.contains(where: { $0.index == place.link.index }) {
        receiving.append(place.link)
      }
    }
    return receiving
  }
}
