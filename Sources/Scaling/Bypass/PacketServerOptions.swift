import KernelIO

/// What a packet server is to be.
package struct PacketServerOptions: Codable, Sendable {
  package var backend: PacketBackend
  package var exchange: Exchange
  package var device: String
  /// IPv4; nil for the device's first.
  package var address: String?
  /// 0 lets the kernel choose.
  package var port: UInt16
  /// Receive queues to serve; nil for all that the device has in use. A packet that comes by another
  /// goes on to the kernel.
  package var queues: [Int]?
  package var threads: Int
  /// Thread i runs on the i-th of them, around; empty leaves it to the scheduler.
  package var cpus: [Int]
  package var wait: PacketWait
  /// Of XDP.
  package var attach: XDPAttach
  /// Takes the next mode where the driver refuses this one.
  package var fallsBack: Bool
  /// Where it is written down what is taken from the kernel.
  package var state: String

  package init(
    _ backend: PacketBackend, _ exchange: Exchange, device: String, address: String? = nil,
    port: UInt16 = 0, queues: [Int]? = nil, threads: Int = 1, cpus: [Int] = [],
    wait: PacketWait = .poll, attach: XDPAttach = .native, fallsBack: Bool = false,
    state: String = StateDirectory.standard
  ) {
    self.backend = backend
    self.exchange = exchange
    self.device = backend.servesNetmapPorts ? NetmapPort.name(device) : device
    self.address = address
    self.port = port
    self.queues = queues
    self.threads = threads
    self.cpus = cpus
    self.wait = wait
    self.attach = attach
    self.fallsBack = fallsBack
    self.state = state
  }

  func cpu(of thread: Int) -> Int? { cpus.isEmpty ? nil : cpus[thread % cpus.count] }

  /// Is `device` none of the kernel's?
  var isNetmapPort: Bool { backend.servesNetmapPorts && NetmapPort.isName(device) }

  /// What of the kernel's it is about, if anything: a pipe's NIC, too.
  package var kernelDevice: String? { isNetmapPort ? NetmapPort.nic(of: device) : device }

  func check() throws(BenchError) {
    try exchange.check()
    guard backend.serves(exchange.workload) else {
      throw BenchError(
        "\(backend.name) does not serve \(exchange.workload.rawValue)",
        hint: "use --workload \(backend.workloads.map(\.rawValue).joined(separator: " or "))")
    }
    guard (1...ServerOptions.workerLimit).contains(threads) else {
      throw BenchError("--workers \(threads): use 1 to \(ServerOptions.workerLimit)")
    }
  }
}

/// What a thread does while no packet comes.
package enum PacketWait: String, CaseIterable, Codable, Sendable {
  case poll
  case busy

  package var abstract: String {
    switch self {
    case .poll: "sleeps in poll(2)"
    case .busy: "asks again and again, and burns a CPU"
    }
  }
}
