/// What a measurement tells its two halves, and what they answer.
package enum ControlMessage: Codable, Sendable {
  // To a half, in this order.
  case isolate
  case serve(ServerOptions, LinkEnd?, variant: String?, tracesStages: Bool)
  case servePackets(PacketServerOptions, LinkEnd?)
  case load(LoadOptions, LinkEnd?)
  case go(Window)
  case stop

  // Answers.
  /// The sysctls are those of its own namespace.
  case isolated(process: Int32, settings: [String: String])
  case listening(port: UInt16, backlog: Int32, changes: [String]?)
  case takingPackets(BackendFacts)
  /// How many local ports it has for each target and source.
  case ready(localPorts: Int?)
  case served(ServerResult)
  case loaded(LoadResult)
  case failed(String)
  /// The variant cannot be put into force.
  case refused(String)
}

extension ControlChannel {
  package func send(_ message: ControlMessage) throws(BenchError) {
    try send(encoding: message)
  }

  /// The next message; nil where the other side has closed. Blocks.
  package func receive() throws(BenchError) -> ControlMessage? {
    try receive(ControlMessage.self)
  }
}
