/// How a packet server really works, once it is open.
package struct BackendFacts: Codable, Hashable, Sendable {
  package var backend: String
  package var device: String
  package var address: String
  package var port: UInt16
  package var wait: PacketWait
  package var threads: Int
  /// That it has something of its own for; empty where the kernel brings packets of all queues
  /// together.
  package var queues: [Int]
  /// Of XDP; nil for other backends.
  package var attach: XDPAttach?
  /// What the driver said of the modes that were tried before.
  package var refusals: [String]
}
