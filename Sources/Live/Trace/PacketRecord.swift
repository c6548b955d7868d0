/// A packet that a program has read, as CKernel/Programs/stages.bpf.c took it down.
///
/// Stamps are CLOCK_MONOTONIC nanoseconds, 0 where there was no such step.
package struct PacketRecord: Hashable, Sendable {
  /// The interrupt's handler, as far as it scheduled NAPI.
  package var interrupt: UInt64 = 0
  /// NET_RX was raised; of threaded NAPI, its thread was woken.
  package var scheduled: UInt64 = 0
  /// The softirq began; of threaded NAPI, its thread ran.
  package var softirq: UInt64 = 0
  /// The poll began that found it.
  package var poll: UInt64 = 0
  /// The driver handed it up: to GRO, or to the backlog (netif_rx).
  package var entry: UInt64 = 0
  /// The stack took it, on the CPU that RPS chose.
  package var stack: UInt64 = 0
  /// It was at its socket.
  package var socket: UInt64 = 0
  /// The reader's last waking by a packet, and when it ran then.
  package var waking: UInt64 = 0
  package var running: UInt64 = 0
  package var read: UInt64 = 0

  package var entryCPU: UInt32 = 0
  package var stackCPU: UInt32 = 0
  package var readCPU: UInt32 = 0
  /// The interrupt's number, where `interrupt` is there.
  package var irq: UInt32 = 0
  package var ifindex: UInt32 = 0
  /// nil where the driver does not tell.
  package var queue: UInt32?
  package var napi: UInt32 = 0
  /// Bytes, as the driver handed it up: without its Ethernet header.
  package var length: UInt32 = 0
  package var localPort: UInt16 = 0
  package var remotePort: UInt16 = 0
  package var transport: Transport?
  /// 4 or 6.
  package var family: UInt8 = 0
  package var way: Way?
  package var process: UInt32 = 0
  package var thread: UInt32 = 0
  private var name0: UInt64 = 0
  private var name1: UInt64 = 0

  package enum Transport: UInt8, Sendable, CaseIterable {
    case tcp = 6
    case udp = 17

    package var name: String {
      switch self {
      case .tcp: "tcp"
      case .udp: "udp"
      }
    }
  }

  /// Who took the packet from the device.
  package enum Way: UInt8, Sendable, CaseIterable {
    case softirq
    /// A NAPI thread (napi.threaded).
    case thread
    /// A process that polls busily, or one that writes to a tun device.
    case process
    /// netif_rx: no NAPI (loopback, veth without GRO, tunnels).
    case backlog
  }

  package init() {}

  /// The reader's name (task_struct.comm).
  package var name: String {
    var bytes: [UInt8] = []
    for word in [name0, name1] {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        let byte = UInt8(truncatingIfNeeded: word >> shift)
        if byte == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// UNTOLD of stages.bpf.c.
  private static let untold: UInt64 = 1

  /// Words of `struct packet`.
  static let wordCount = 19

  /// nil of a record that is too short.
  package init?(_ words: [UInt64]) {
    guard words.count >= Self.wordCount else { return nil }
    // The first is the packet's address.
    interrupt = words[1]
    scheduled = words[2]
    softirq = words[3]
    poll = words[4]
    entry = words[5]
    stack = words[6]
    socket = words[7] == Self.untold ? 0 : words[7]
    waking = words[8]
    running = words[9]
    read = words[10]
    (entryCPU, stackCPU) = Self.halves(words[11])
    (readCPU, irq) = Self.halves(words[12])
    let queue: UInt32
    (ifindex, queue) = Self.halves(words[13])
    self.queue = queue == 0 ? nil : queue &- 1
    (napi, length) = Self.halves(words[14])
    localPort = UInt16(truncatingIfNeeded: words[15])
    remotePort = UInt16(truncatingIfNeeded: words[15] >> 16)
    transport = Transport(rawValue: UInt8(truncatingIfNeeded: words[15] >> 32))
    family = UInt8(truncatingIfNeeded: words[15] >> 40)
    way = Way(rawValue: UInt8(truncatingIfNeeded: words[15] >> 48))
    (process, thread) = Self.halves(words[16])
    name0 = words[17]
    name1 = words[18]
  }

  private static func halves(_ word: UInt64) -> (UInt32, UInt32) {
    (UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32))
  }
}

extension PacketRecord {
  /// The first thing that is known of it.
  package var start: UInt64 {
    [interrupt, scheduled, softirq, poll].first { $0 != 0 } ?? entry
  }

  /// When it was last seen before its reader.
  private var delivered: UInt64 { max(entry, stack, socket) }

  /// When its reader was woken and ran for it; nil where the reader was busy or slept elsewhere.
  ///
  /// A reader that was woken for an earlier packet and ran only after this one came was on its way.
  package var reader: (woken: UInt64, running: UInt64)? {
    guard waking != 0 else { return nil }
    // Woken before it had gone to sleep, it is never switched to.
    let ran = max(running, waking)
    guard ran > delivered else { return nil }
    return (max(waking, delivered), ran)
  }

  /// RPS, or a backlog, moved it to another CPU.
  package var changedCPU: Bool { stack != 0 && entryCPU != stackCPU }
}
