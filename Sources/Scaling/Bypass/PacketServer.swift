import CKernel
import Glibc
package import KernelIO
import Notation

/// A server that takes packets by a backend, at work. Whatever it has attached is gone with it, or with
/// the process.
package final class PacketServer {
  package let options: PacketServerOptions
  package let facts: BackendFacts
  package var port: UInt16 { facts.port }
  /// Readable once a part of it has come to its end, as when the device goes.
  package var failedEvent: Int32 { crew.failedEvent }

  private let crew: any PacketCrew
  private var reserved: ReservedPort?
  private var lastCounts: [PacketCounts]?
  private var lastMissed: UInt64?
  /// Of those who serve, in all their lives; known once it has stopped.
  package var usage: ProcessUsage { crew.usage }

  /// Opens the backend's ports; packets to the address and port are taken from then on.
  package init(_ options: PacketServerOptions) throws(BenchError) {
    try options.check()
    let kernel = LiveKernel()
    try AllowedCPUs.check(options.cpus, kernel)
    let backend = options.backend
    let device =
      options.isNetmapPort
      ? try NetmapPort.device(options.device, address: options.address)
      : try PacketDevice(options.device, kernel, state: options.state)
    if let limit = backend.largestMTU, device.mtu > limit {
      throw BenchError(
        "\(device.name) has an MTU of \(device.mtu), and \(backend.name) holds packets up to "
          + "\(limit)",
        hint: "ip link set \(device.name) mtu 1500")
    }
    let workload = options.exchange.workload
    let largest = options.exchange.largest + 28
    guard !backend.takesFrames || workload.isStream || largest <= Int(device.mtu) else {
      throw BenchError(
        "\(backend.name) needs each message in one packet: \(largest) bytes with headers are more "
          + "than the MTU of \(device.name), \(device.mtu)")
    }
    let host = try device.address(options.address)
    // Of an address that no host has, the number is looked for where any host has one.
    let address = try SocketAddress(
      host: options.isNetmapPort ? "127.0.0.1" : "\(host)", port: options.port)
    reserved = backend.takesFrames ? try ReservedPort(address, workload) : nil
    // A backend's own UDP sockets hold their port by themselves, once it is chosen.
    let port = if let reserved { reserved.port } else { try ReservedPort(address, workload).port }
    let endpoint = UDPEndpoint(
      address: host.bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }, port: port)
    let queues = try device.queues(options.queues)
    if backend.isPerQueue { try Self.check(options.threads, queues.count, device.name) }
    var setup = rxtune_packet_setup()
    setup.ifindex = device.ifindex
    setup.address = endpoint.address
    setup.port = port
    setup.protocol = UInt8(workload.isStream ? IPPROTO_TCP : IPPROTO_UDP)
    setup.ports = UInt32(options.threads)
    setup.is_busy = options.wait == .busy ? 1 : 0
    setup.is_alone = 1
    crew = try backend.open(
      PacketOpening(
        options: options, device: device, queues: queues.map { UInt32($0) }, endpoint: endpoint,
        reserved: reserved, setup: setup))
    self.options = options
    facts = BackendFacts(
      backend: backend.name, device: device.name, address: "\(host)", port: port,
      wait: options.wait, threads: options.threads, queues: backend.isPerQueue ? queues : [],
      attach: crew.attachment?.mode, refusals: crew.attachment?.refusals ?? [])
  }

  /// Each queue is one thread's, and a thread waits for so many.
  private static func check(
    _ threads: Int, _ queues: Int, _ device: String
  ) throws(BenchError) {
    let most = Int(RXTUNE_PACKET_PORTS)
    let least = (queues + most - 1) / most
    guard queues > 0 else { throw BenchError("\(device): no receive queue is named") }
    guard (least...queues).contains(threads) else {
      throw BenchError(
        "--workers \(threads): \(device) has \(Format.count(queues, "queue")) to serve, each by one "
          + "worker", hint: least == queues ? "use \(least)" : "use \(least) to \(queues)")
    }
  }

  deinit { _ = stop() }

  package func start() throws(BenchError) { try crew.start() }

  /// What each thread has counted so far.
  package var counts: [PacketCounts] { lastCounts ?? crew.counts }

  /// Packets for the address and port that reached the kernel all the same, as by a queue that is
  /// not served; nil where the kernel sees all of them anyway.
  package var missed: UInt64? {
    lastMissed ?? (options.backend.isPerQueue ? reserved?.dropped : nil)
  }

  /// What could not be given back as it was, once it has stopped.
  package var losses: [String] { crew.losses }

  /// Why a part of it has ended before its time.
  package var failure: BenchError? { crew.failure }

  /// What the threads counted, and what the host did, while `wait` ran.
  package func measure(
    _ kernel: some Kernel, while wait: () throws(BenchError) -> Void
  ) throws(BenchError) -> (counts: [PacketCounts], host: HostUse) {
    let before = (host: HostSample(kernel, isStart: true), counts: counts, usage: crew.usage)
    try wait()
    let after = (host: HostSample(kernel), counts: counts, usage: crew.usage)
    var host = HostUse(from: before.host, to: after.host)
    if crew.isApart { host.usage = host.usage + (after.usage - before.usage) }
    return (zip(after.counts, before.counts).map { $0 - $1 }, host)
  }

  /// Stops within two tenths of a second, takes everything off the device, and returns the last counts.
  package func stop() -> [PacketCounts] {
    if let lastCounts { return lastCounts }
    crew.stop()
    let last = crew.counts
    lastCounts = last
    lastMissed = missed
    reserved = nil
    return last
  }
}
