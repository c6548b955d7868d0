import Notation
package import ReceivePath

/// Counters at one moment, and nothing else: what changes from look to look.
package struct Sample: Codable, Hashable, Sendable {
  /// CLOCK_MONOTONIC nanoseconds: what intervals are measured by.
  package var time: UInt64
  /// Seconds since 1970: for people. Somebody may set this clock in between.
  package var clock: Int64
  /// Devices that are gone are left out.
  package var devices: [Device] = []
  package var vectors: [Vector] = []
  /// By CPU, those that are online.
  package var cpus: [CPU] = []
  /// By nstat(8)'s names; nil where they cannot be read.
  package var protocols: [String: UInt64]?
  /// nil where sock_diag does not tell.
  package var sockets: [Socket]?

  package init(time: UInt64, clock: Int64) {
    self.time = time
    self.clock = clock
  }

  package struct Device: Codable, Hashable, Sendable {
    package var index: Int32
    package var name: String
    package var isUp: Bool
    package var link: LinkStatistics?
    package var queues: [Queue] = []

    package init(index: Int32, name: String, isUp: Bool, link: LinkStatistics? = nil) {
      self.index = index
      self.name = name
      self.isUp = isUp
      self.link = link
    }
  }

  /// A receive queue's counters; what nobody counts is nil.
  package struct Queue: Codable, Hashable, Sendable {
    package var number: Int
    package var packets: UInt64?
    package var bytes: UInt64?
    package var drops: UInt64?

    package init(
      number: Int, packets: UInt64? = nil, bytes: UInt64? = nil, drops: UInt64? = nil
    ) {
      self.number = number
      self.packets = packets
      self.bytes = bytes
      self.drops = drops
    }
  }

  /// An interrupt of the devices' queues: its counts by CPU, those that are not zero.
  package struct Vector: Codable, Hashable, Sendable {
    package var irq: Int
    package var counts: [Count]

    package struct Count: Codable, Hashable, Sendable {
      package var cpu: Int
      package var count: UInt32

      package init(cpu: Int, count: UInt32) {
        self.cpu = cpu
        self.count = count
      }
    }

    package init(irq: Int, counts: [Count]) {
      self.irq = irq
      self.counts = counts
    }
  }

  package struct CPU: Codable, Hashable, Sendable {
    package var number: Int
    package var times: ProcessorTimes?
    package var softnet: SoftnetStat.Row?
    /// Receive softirqs that were handled.
    package var netRX: UInt32?

    package init(
      number: Int, times: ProcessorTimes? = nil, softnet: SoftnetStat.Row? = nil,
      netRX: UInt32? = nil
    ) {
      self.number = number
      self.times = times
      self.softnet = softnet
      self.netRX = netRX
    }
  }

  /// A TCP listener or a UDP socket.
  package struct Socket: Codable, Hashable, Sendable {
    package enum Transport: String, Codable, CaseIterable, Sendable { case tcp, udp }

    package var transport: Transport
    package var address: String
    package var port: UInt16
    /// ifindex of the device that it is bound to.
    package var interface: UInt32?
    package var uid: UInt32
    package var isIPv6Only: Bool?
    package var cookie: UInt64
    /// Connections that wait to be accepted; bytes that wait to be read.
    package var queued: UInt32
    /// The accept queue's length; the receive buffer in bytes. nil where the kernel does not tell.
    package var limit: UInt32?
    package var drops: UInt32?
    /// The process that has it open; nil where that cannot be seen.
    package var holder: SocketOwner?

    package init(
      _ transport: Transport, _ address: String, port: UInt16, cookie: UInt64, queued: UInt32,
      limit: UInt32?, drops: UInt32?
    ) {
      self.transport = transport
      self.address = address
      self.port = port
      uid = 0
      self.cookie = cookie
      self.queued = queued
      self.limit = limit
      self.drops = drops
    }

    package init(_ socket: InetSocket, heldBy holder: SocketOwner?) {
      self.holder = holder
      transport = socket.transport == .tcp ? .tcp : .udp
      address = socket.address.description
      port = socket.port
      interface = socket.interface
      uid = socket.uid
      isIPv6Only = socket.isIPv6Only
      cookie = socket.cookie
      let isTCP = socket.transport == .tcp
      queued = isTCP ? socket.receiveQueue : socket.memory?.receiveAllocated ?? socket.receiveQueue
      limit = isTCP ? socket.sendQueue : socket.memory?.receiveBuffer
      drops = socket.memory?.drops
    }
  }

  /// How many values it holds, about: what it costs to keep.
  var weight: Int {
    devices.reduce(0) { $0 + 4 + $1.queues.count } + vectors.reduce(0) { $0 + 1 + $1.counts.count }
      + 2 * cpus.count + 2 * (sockets?.count ?? 0) + (protocols?.count ?? 0)
  }
}
