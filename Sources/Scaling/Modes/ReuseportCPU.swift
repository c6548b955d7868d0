import CKernel

extension ListenerMode {
  /// SO_ATTACH_REUSEPORT_CBPF picks the socket of the CPU that took the packet, so that packet,
  /// socket and pinned worker meet on one CPU (socket(7)).
  static let reuseportCPU = ListenerMode(
    "reuseport-cpu", "SO_REUSEPORT with classic BPF: the CPU that took the packet chooses",
    sockets: .perWorker(
      Steering(attach: { descriptor, cpus in
        unsafe rxtune_attach_cpu_steering(descriptor, cpus, UInt32(clamping: cpus.count))
      })),
    crr: acceptingAlone, rr: acceptingAlone, udpRR: .datagrams,
    receive: .arrivals)
}
