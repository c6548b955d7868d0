package import ArgumentParser
import Glibc
import KernelIO
import Rendering
package import Scaling

extension PacketWait: EnumerableFlag {
  package static func help(for value: PacketWait) -> ArgumentHelp? {
    switch value {
    case .poll: "Let packet backends sleep while no packet comes."
    case .busy: "Let packet backends ask again and again, which keeps a CPU busy."
    }
  }
}

/// `rxtune bench bypass`: the kernel's sockets against servers that pass its stack by.
struct BenchBypassCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bypass",
    abstract: "Measure what bypassing the kernel's stack would gain, and cost.",
    discussion: """
      Serves the same load by the kernel's sockets (reuseport: epoll over TCP, recvfrom(2) over \
      UDP) and by other means, each run in fresh network namespaces joined by a veth pair. The \
      load generator always uses the kernel's stack. Rounds are interleaved in random order and \
      repeated until each ratio to reuseport is known to within 5 %. Needs root.

      Figures are of both ends: the load's CPU also does receive work for the server, and a \
      server that polls takes it over. A veth has no wire: ratios carry over to a NIC less than \
      the price does.

      Backends:
      \(HelpText.items(ListenerMode.bypass.map { ($0.name, $0.abstract) }))

      Examples:
        rxtune bench bypass --workload udp-rr --out bypass
            Compare AF_XDP and AF_PACKET with UDP sockets.
        rxtune bench bypass --workload udp-rr --rate 40k --busy
            Compare latency and CPU time at a fixed rate, polling without sleep.
        rxtune bench bypass --workload receive
            Find out how much of a flood each receives.
      """)

  @Option(
    help: """
      Backends to measure beside \(SweepPlan.Bypass.baseline.name), comma-separated. \
      (default: all that serve the workload)
      """, completion: Completions.backends)
  var backends: String?

  @Flag
  var wait = PacketWait.poll

  @OptionGroup var xdp: XDPOptions

  @Option(help: "Receive queues of the server's device, 1 to 64. (default: 1)")
  var queues: Int?

  @OptionGroup var options: RunOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    _ = try wanted()
    guard (1...64).contains(queues ?? 1) else {
      throw ValidationError("--queues \(queues ?? 1): use 1 to 64")
    }
  }

  func run() throws {
    guard geteuid() == 0 else {
      throw Failure(
        "bench bypass needs root: it makes network namespaces and attaches to a device in them. "
          + "Try: sudo rxtune bench bypass")
    }
    let kernel = LiveKernel()
    let interruption = try Interruption()
    let machine = Machine(kernel)
    let wanted = try wanted()
    let halves = SweepPlan.split(machine.onlineCPUs, atLeast: 2)
    var (plan, warnings) = try options.plan(
      wanted.filter { $0.serves(options.exchange.workload) }, machine, over: .namespaces,
      halves: halves, workerCounts: [1])
    plan.bypass = SweepPlan.Bypass(
      wait: wait, attach: xdp.xdp, fallsBack: xdp.fallBack, queues: queues,
      leftOut: wanted.filter { !$0.serves(plan.exchange.workload) })
    try Measurement(plan, warnings, machine, kernel, directory: options.out)
      .run(interruption, json ? { ResultsJSON.json($0) } : nil)
  }

  /// With the baseline, in the order of the reports.
  private func wanted() throws -> [ListenerMode] {
    guard let backends else { return ListenerMode.bypass }
    let names = try backends.split(separator: ",").map { name in
      guard let mode = ListenerMode.bypass.first(where: { $0.name == name }) else {
        throw ValidationError(
          "\"\(name)\" is not a backend; use "
            + ListenerMode.bypass.map(\.name).joined(separator: ", "))
      }
      return mode
    }
    guard !names.isEmpty else { throw ValidationError("--backends is empty") }
    return ListenerMode.bypass.filter { names.contains($0) || $0 == SweepPlan.Bypass.baseline }
  }
}
