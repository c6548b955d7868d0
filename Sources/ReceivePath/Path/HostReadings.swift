import KernelIO

/// What concerns no device in particular, and costs more than `show` of one device may: how the host
/// fares around the receive path. Each is read once, so that it recurs in a record.
package struct HostReadings: Sendable {
  /// Seconds since boot: when the snapshot was taken.
  package var uptime: Reading<Double>
  /// How each CPU spent its time, by CPU.
  package var processors: Reading<[Int: ProcessorTimes]>
  package var softirqThreads: Reading<[SoftirqThread]>
  package var packetSockets: Reading<[PacketSocket]>
  /// Who holds those that get every packet.
  package var packetOwners: SocketOwners
  package var connectionTracking: Reading<ConnectionTracking>
  package var forwarding: Reading<Forwarding>
  /// Microseconds that leaving each of a CPU's idle states takes, by state.
  package var idleLatencies: Reading<[Int: Int]> = .absent(Absence(.notSupported))
  /// Of the network namespace, all of them.
  package var counters: Reading<ProtocolCounters>
}

extension Host {
  func hostReadings() -> HostReadings {
    let packetSockets = Reading { () throws(KernelError) in try self.packetSockets() }
    let inodes = (packetSockets.value ?? []).filter(\.getsAll).map(\.inode)
    return HostReadings(
      uptime: Reading { () throws(KernelError) in try uptime() },
      processors: Reading { () throws(KernelError) in try processorTimes() },
      softirqThreads: Reading { () throws(KernelError) in try softirqThreads() },
      packetSockets: packetSockets,
      packetOwners: (try? socketOwners(inodes)) ?? SocketOwners(),
      connectionTracking: Reading { () throws(KernelError) in try connectionTracking() },
      forwarding: Reading { () throws(KernelError) in try forwarding() },
      idleLatencies: Reading { () throws(KernelError) in try idleLatencies() },
      counters: Reading { () throws(KernelError) in try protocolCounters() })
  }
}
