import KernelIO

/// The receive path of a host, or of some of its devices, at one moment.
package struct HostSnapshot: Sendable {
  package var devices: [DeviceSnapshot]
  /// All devices of the network namespace, as far as they were asked for.
  package var links: [Link]
  /// Devices that were named and vanished before they could be read.
  package var gone: [String]
  /// Per CPU, of the whole host.
  package var softnet: Reading<SoftnetStat>
  /// net.core.rps_sock_flow_entries; 0: RFS is off whatever the queues say.
  package var rpsSockFlowEntries: Reading<Int>
  /// nil where they were not asked for.
  package var sockets: SocketSnapshot?
  /// nil where they were not asked for.
  package var readings: HostReadings?
  /// nil where they were not collected.
  package var unknown: UnknownAttributes?
}

/// The sockets of a network namespace that packets arrive at.
package struct SocketSnapshot: Sendable {
  /// TCP sockets that listen, those that share an address and port by SO_REUSEPORT together.
  package var listeners: Reading<[ListenerGroup]>
  package var udp: Reading<[ListenerGroup]>
  package var owners: SocketOwners
  /// nil where there is no socket that could have lost anything.
  package var counters: Reading<ProtocolCounters>?

  /// Counters of what listeners did about a full queue: no connection is lost by it.
  package static let remedies = ["TcpExtTCPReqQFullDoCookies"]
}

extension Host {
  /// The devices that a command means: those named; else the physical ones; else, where there are
  /// none (a container, a namespace), all but loopback.
  package func chosen(_ links: [Link], named names: [String]) -> (links: [Link], unknown: [String])
  {
    guard names.isEmpty else {
      var found: [Link] = []
      var unknown: [String] = []
      for name in names {
        if let link = links.first(where: { $0.name == name || $0.alternativeNames.contains(name) })
        {
          if !found.contains(where: { $0.index == link.index }) { found.append(link) }
        } else {
          unknown.append(name)
        }
      }
      return (found, unknown)
    }
    let physical = links.filter { isPhysical($0) }
    return (physical.isEmpty ? links.filter { !$0.flags.contains(.loopback) } : physical, [])
  }

  /// - Parameters:
  ///   - all: the devices of the namespace, which `links` are some of; nil where they are all.
  ///   - withSockets: false spares a look at each file that each process has open.
  ///   - isWhole: takes the host's readings, and the pause frames and NAPI threads of each
  ///     device.
  package func snapshot(
    of links: [Link], among all: [Link]? = nil, withSockets: Bool = true,
    isWhole: Bool = false
  ) -> HostSnapshot {
    let readings = isWhole ? hostReadings() : nil
    let shared = SharedTables(self, links: links, among: all ?? links)
    var devices: [DeviceSnapshot] = []
    var gone: [String] = []
    for link in links {
      let device = snapshot(link, shared, isWhole: isWhole)
      if device.vanished { gone.append(link.name) } else { devices.append(device) }
    }
    return HostSnapshot(
      devices: devices, links: all ?? links, gone: gone,
      softnet: Reading { () throws(KernelError) in try softnetStat() },
      rpsSockFlowEntries: rpsSockFlowEntries(),
      sockets: withSockets ? socketSnapshot(readings?.counters) : nil,
      readings: readings, unknown: unknown)
  }

  /// - Parameter read: the protocols' counters where they were read already.
  private func socketSnapshot(_ read: Reading<ProtocolCounters>?) -> SocketSnapshot {
    let listeners = Reading { () throws(KernelError) in try self.listeners() }
    let udp = Reading { () throws(KernelError) in try udpSockets() }
    let inodes = ((listeners.value ?? []) + (udp.value ?? [])).map(\.inode)
    // Every process's files have to be looked through: only where there is a socket to find.
    let owners = inodes.isEmpty ? nil : try? socketOwners(inodes)
    let counters =
      inodes.isEmpty ? nil : read ?? Reading { () throws(KernelError) in try protocolCounters() }
    return SocketSnapshot(
      listeners: listeners.map(ListenerGroup.groups), udp: udp.map(ListenerGroup.groups),
      owners: owners ?? SocketOwners(), counters: counters)
  }
}

extension DeviceSnapshot {
  /// Refused with ENODEV by readers that every device answers: it vanished in between.
  fileprivate var vanished: Bool {
    driver.absence?.reason == .gone && offloads.absence?.reason == .gone
  }
}
