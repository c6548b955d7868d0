import Knobs
import ReceivePath

/// Which receive queue a packet came by: its NAPI instance tells it, where the netdev family joins
/// the two (since 6.8); otherwise what its driver noted in it.
struct QueueNames {
  /// By NAPI id.
  private var joined: [UInt32: UInt32] = [:]
  /// Devices whose drivers leave the sender's queue in the packet, by ifindex.
  private var untold: Set<UInt32> = []

  init(_ devices: [Link], on host: Host) {
    for device in devices {
      let ifindex = UInt32(bitPattern: device.index)
      // veth_xmit (drivers/net/veth.c).
      if device.kind == "veth" { untold.insert(ifindex) }
      for queue in (try? host.queues(device.name, ifindex: ifindex)) ?? []
      where queue.direction == .rx {
        if let napi = queue.napiID { joined[napi] = queue.id }
      }
    }
  }

  func name(_ packet: inout PacketRecord) {
    if packet.way != .backlog, let queue = joined[packet.napi] {
      packet.queue = queue
    } else if untold.contains(packet.ifindex) {
      packet.queue = nil
    }
  }

  /// The NAPI instances that serve a queue; nil where the packets themselves tell.
  func napis(of queue: UInt32, _ devices: [Link]) throws(TraceError) -> [UInt32]? {
    if !joined.isEmpty {
      let napis = joined.filter { $0.value == queue }.map(\.key)
      guard napis.isEmpty else { return napis }
      let names = devices.map(\.name).joined(separator: ", ")
      throw TraceError(
        "\(names): no receive queue \(queue). Nothing is attached. See rxtune show \(names)")
    }
    guard let device = devices.first(where: { untold.contains(UInt32(bitPattern: $0.index)) })
    else { return nil }
    throw TraceError(
      """
      \(device.name): its driver does not tell which queue a packet came by. Nothing is attached. \
      Trace all its queues: rxtune trace \(device.name)
      """)
  }
}
