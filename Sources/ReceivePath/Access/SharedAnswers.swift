import KernelIO
import Knobs
import Netlink

/// Messages that came from the kernel, kept so that knobs that ride in the same one share it.
///
/// It lives as long as one look at the host. After a write, what was kept is stale: take a new
/// one, or `forget()`.
package final class SharedAnswers {
  private var parameters: [String: [Knob.EthtoolMessage: Answer<EthtoolParameters>]] = [:]
  private var offloads: [String: Answer<Offloads>] = [:]
  private var rss: [String: Answer<RSS>] = [:]
  private var links: [String: Answer<Link>] = [:]
  private var sysfs: [String: Answer<Void>] = [:]
  private var napis: [String: Answer<[NAPI]>] = [:]
  /// Instances that were written since `napis` was told.
  private var writtenNAPIs: [String: Set<UInt32>] = [:]
  private var queueCoalescing: [String: [Int: Answer<QueueCoalescing>]] = [:]

  private typealias Answer<Value> = Result<Value, KernelError>

  package init() {}

  package func forget() {
    parameters = [:]
    offloads = [:]
    rss = [:]
    links = [:]
    sysfs = [:]
    napis = [:]
    writtenNAPIs = [:]
    queueCoalescing = [:]
  }

  /// Only what a write of one NAPI instance makes stale: of many instances, each write would have
  /// all told again.
  package func forget(napi id: UInt32, of device: String) {
    writtenNAPIs[device, default: []].insert(id)
  }

  func parameters(
    _ message: Knob.EthtoolMessage, _ device: String, from host: Host
  ) throws(KernelError) -> EthtoolParameters {
    try keep(&parameters[device, default: [:]][message]) { () throws(KernelError) in
      try host.ethtoolParameters(message, device)
    }
  }

  func offloads(_ device: String, from host: Host) throws(KernelError) -> Offloads {
    try keep(&offloads[device]) { () throws(KernelError) in try host.offloads(device) }
  }

  func rss(_ device: String, from host: Host) throws(KernelError) -> RSS {
    try keep(&rss[device]) { () throws(KernelError) in try host.rss(device) }
  }

  func link(_ device: String, from host: Host) throws(KernelError) -> Link {
    try keep(&links[device]) { () throws(KernelError) in try host.link(device) }
  }

  /// Makes sure that files below /sys/class/net/DEV are this device's: after nsenter(1) they may
  /// be those of a namesake in another network namespace.
  ///
  /// - Throws: ESTALE where they are not.
  func checkSysfs(of device: String, from host: Host) throws(KernelError) {
    try keep(&sysfs[device]) { () throws(KernelError) in
      let link = try host.link(device)
      guard let absence = SysfsNamespace.check([link], host).absence(of: link) else { return }
      throw KernelError(
        "read", "/sys/class/net/\(device)", .errno(.stale),
        extendedAck: ExtendedAck(message: absence.detail ?? absence.reason.words))
    }
  }

  func napis(_ device: String, from host: Host) throws(KernelError) -> [NAPI] {
    if let written = writtenNAPIs.removeValue(forKey: device),
      case .success(var known)? = napis[device]
    {
      for index in known.indices where written.contains(known[index].id) {
        do { known[index] = try host.napi(device, id: known[index].id) } catch {
          napis[device] = nil
          throw error
        }
      }
      napis[device] = .success(known)
    }
    let ifindex = try link(device, from: host).index
    return try keep(&napis[device]) { () throws(KernelError) in
      try host.napis(device, ifindex: UInt32(bitPattern: ifindex))
    }
  }

  func queueCoalescing(
    _ device: String, queue: Int, from host: Host
  ) throws(KernelError) -> QueueCoalescing {
    try keep(&queueCoalescing[device, default: [:]][queue]) { () throws(KernelError) in
      try host.queueCoalescing(device, queue: queue)
    }
  }

  private func keep<Value>(
    _ slot: inout Answer<Value>?, _ ask: () throws(KernelError) -> Value
  ) throws(KernelError) -> Value {
    if let slot { return try slot.get() }
    do {
      let value = try ask()
      slot = .success(value)
      return value
    } catch {
      slot = .failure(error)
      throw error
    }
  }
}
