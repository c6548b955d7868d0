import CKernel
import Glibc
package import KernelIO
import Notation
import Synchronization

/// A server that takes packets by a backend, at work: its ports and its pinned threads. Whatever it
/// has attached is gone with it, or with the process.
@safe package final class PacketServer {
  package let options: PacketServerOptions
  package let facts: BackendFacts
  package var port: UInt16 { facts.port }
  /// Readable once a port has come to its end, as when the device goes.
  package let failedEvent: Int32

  private var ports: PacketPorts?
  private var reserved: ReservedPort?
  private let isStopping: UnsafeMutablePointer<StopFlag>
  private var workers: [PacketWorkerMemory] = []
  private var threads: [PinnedThread] = []
  private var lastCounts: [PacketCounts]?
  private var lastMissed: UInt64?
  /// Of the threads, in all their lives; known once it has stopped.
  package private(set) var usage = ProcessUsage()

  /// Opens the backend's ports; packets to the address and port are taken from then on.
  package init(_ options: PacketServerOptions) throws(BenchError) {
    try options.check()
    let kernel = LiveKernel()
    try AllowedCPUs.check(options.cpus, kernel)
    let backend = options.backend
    let device = try PacketDevice(options.device, kernel)
    if let limit = backend.largestMTU, device.mtu > limit {
      throw BenchError(
        "\(device.name) has an MTU of \(device.mtu), and \(backend.name) holds packets up to "
          + "\(limit)",
        hint: "ip link set \(device.name) mtu 1500")
    }
    let largest = options.exchange.largest + 28
    guard !backend.takesFrames || largest <= Int(device.mtu) else {
      throw BenchError(
        "\(backend.name) needs each message in one packet: \(largest) bytes with headers are more "
          + "than the MTU of \(device.name), \(device.mtu)")
    }
    let host = try device.address(options.address)
    let address = try SocketAddress(host: "\(host)", port: options.port)
    reserved = backend.takesFrames ? try ReservedPort(address) : nil
    // A backend's own UDP sockets hold their port by themselves, once it is chosen.
    let port = if let reserved { reserved.port } else { try ReservedPort(address).port }
    let endpoint = UDPEndpoint(
      address: host.bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }, port: port)
    let queues = try device.queues(options.queues)
    if backend.isPerQueue { try Self.check(options.threads, queues.count, device.name) }
    var setup = rxtune_packet_setup()
    setup.ifindex = device.ifindex
    setup.address = endpoint.address
    setup.port = port
    setup.protocol = UInt8(IPPROTO_UDP)
    setup.ports = UInt32(options.threads)
    setup.is_busy = options.wait == .busy ? 1 : 0
    setup.is_alone = 1
    let ports = try backend.open(
      PacketOpening(
        options: options, device: device, queues: queues.map { UInt32($0) }, endpoint: endpoint,
        reserved: reserved, setup: setup))
    self.ports = ports
    self.options = options
    facts = BackendFacts(
      backend: backend.name, device: device.name, address: "\(host)", port: port,
      wait: options.wait, threads: options.threads, queues: backend.isPerQueue ? queues : [],
      attach: ports.attach, refusals: ports.refusals)
    unsafe isStopping = .allocate(capacity: 1)
    unsafe isStopping.initialize(to: StopFlag())
    failedEvent = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    for thread in 0..<options.threads {
      workers.append(
        unsafe PacketWorkerMemory(
          PacketWorker(
            options, endpoint, ports.ports(of: thread), UnsafePointer(isStopping),
            failedEvent: failedEvent)))
    }
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

  deinit {
    _ = stop()
    workers = []
    unsafe isStopping.deinitialize(count: 1)
    unsafe isStopping.deallocate()
    if failedEvent >= 0 { close(failedEvent) }
  }

  /// Starts the threads.
  package func start() throws(BenchError) {
    for (index, memory) in workers.enumerated() {
      threads.append(
        try PinnedThread(cpu: options.cpu(of: index)) { memory.access(PacketLoop.run) })
    }
  }

  /// What the threads have counted so far.
  package var counts: [PacketCounts] {
    lastCounts ?? workers.map { $0.access { $0.counts } }
  }

  /// Packets for the address and port that reached the kernel all the same, as by a queue that is
  /// not served; nil where the kernel sees all of them anyway.
  package var missed: UInt64? {
    lastMissed ?? (options.backend.isPerQueue ? reserved?.dropped : nil)
  }

  /// Why a thread has ended before its time.
  package var failure: BenchError? {
    for memory in workers {
      let code = memory.access { $0.failure.load(ordering: .relaxed) }
      if code != 0 {
        return BenchError(
          "\(facts.device) has gone, or was taken down", Errno(rawValue: code))
      }
    }
    return nil
  }

  /// What the threads counted, and what the host did, while `wait` ran.
  package func measure(
    _ kernel: some Kernel, while wait: () throws(BenchError) -> Void
  ) throws(BenchError) -> (counts: [PacketCounts], host: HostUse) {
    let before = (host: HostSample(kernel, isStart: true), counts: counts)
    try wait()
    let after = (host: HostSample(kernel), counts: counts)
    return (
      zip(after.counts, before.counts).map { $0 - $1 }, HostUse(from: before.host, to: after.host)
    )
  }

  /// Stops within a tenth of a second, takes everything off the device, and returns the last counts.
  package func stop() -> [PacketCounts] {
    if let lastCounts { return lastCounts }
    unsafe isStopping.pointee.isSet.store(true, ordering: .relaxed)
    for thread in threads { usage = usage + thread.join() }
    threads = []
    let last = counts
    lastCounts = last
    lastMissed = missed
    ports = nil
    reserved = nil
    return last
  }
}
