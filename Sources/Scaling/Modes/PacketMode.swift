/// A packet backend in the place of a listener mode, so that plans, runs and results hold both; of
/// those that a veth will do for.
extension ListenerMode {
  package static let packets = PacketBackend.all.filter { !$0.takesDevice }.map { backend in
    ListenerMode(backend.name, backend.abstract, sockets: .packets(backend))
  }

  /// nil of what the kernel's stack serves through listening sockets.
  package var backend: PacketBackend? {
    if case .packets(let backend) = sockets { backend } else { nil }
  }
}
