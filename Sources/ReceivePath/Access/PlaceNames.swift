package import KernelIO
package import Knobs

/// What the kernel calls places now, and what they are called for good: looked up once, and kept
/// until a write makes it stale.
package final class PlaceNames {
  private let host: Host
  private var links: [String: Link] = [:]
  private var napiIDs: [String: [UInt32]] = [:]
  private var vectors: [String: QueueVectors] = [:]
  private var interrupts: [String: [Int]] = [:]
  private var interruptNames: [Int: String] = [:]
  private var interruptTable: InterruptTable?

  package init(_ host: Host) {
    self.host = host
  }

  package func forget() {
    links = [:]
    napiIDs = [:]
    vectors = [:]
    interrupts = [:]
    interruptNames = [:]
    interruptTable = nil
  }

  /// The place in the kernel's names of now.
  ///
  /// - Throws: ENOENT where it is not there.
  package func live(_ place: Place) throws(KernelError) -> Place {
    guard let device = place.device else { return place }
    switch place.part {
    case .napi(let rank):
      let ids = try ids(of: device)
      guard ids.indices.contains(rank) else {
        throw KernelError("find", "NAPI instance \(rank) of \(device)", .noEntry)
      }
      return .napi(device: device, id: ids[rank])
    case .interrupt(let name):
      return Place(.irq(try interrupt(name, of: device)), of: device)
    case .vector(let queue):
      guard let number = queueVectors(of: device)?.interrupts[queue] else {
        throw KernelError("find", "interrupt of rx-\(queue) of \(device)", .noEntry)
      }
      return Place(.irq(number), of: device)
    default: return place
    }
  }

  /// The place by a name that outlives what drivers make anew.
  ///
  /// - Throws: ENOENT where the device has no such part.
  package func durable(_ place: Place) throws(KernelError) -> Place {
    guard let device = place.device else { return place }
    switch place.part {
    case .napiID(let id):
      guard let rank = try ids(of: device).firstIndex(of: id) else {
        throw KernelError("find", "NAPI instance \(id) of \(device)", .noEntry)
      }
      return .napi(device: device, rank: rank)
    case .irq(let number): return .interrupt(device: device, name: try name(of: number))
    case .vector, .interrupt: return try durable(try live(place))
    default: return place
    }
  }

  /// Whether the device's bus gave it the interrupt.
  package func has(_ interrupt: Int, _ device: String) throws(KernelError) -> Bool {
    try interrupts(of: device).contains(interrupt)
  }

  package func link(_ device: String) throws(KernelError) -> Link {
    if let link = links[device] { return link }
    let link = try host.link(device)
    links[device] = link
    return link
  }

  package func queueVectors(of device: String) -> QueueVectors? {
    if let known = vectors[device] { return known }
    guard let link = try? link(device) else { return nil }
    let found = host.queueVectors(link)
    vectors[device] = found
    return found
  }

  /// Drivers keep the name until they request the interrupt again, and then take the device's name
  /// of then.
  private func interrupt(_ name: String, of device: String) throws(KernelError) -> Int {
    let known = try interrupts(of: device).map { (number) throws(KernelError) in
      (number: number, name: try self.name(of: number))
    }
    guard
      let found = known.first(where: { $0.name == name })
        ?? known.first(where: { InterruptName.isRenamed(name, $0.name, of: device) })
    else { throw KernelError("find", "interrupt \(name) of \(device)", .noEntry) }
    return found.number
  }

  /// Ascending.
  private func ids(of device: String) throws(KernelError) -> [UInt32] {
    if let ids = napiIDs[device] { return ids }
    let index = UInt32(clamping: try link(device).index)
    let ids = try host.napis(device, ifindex: index).map(\.id)
    napiIDs[device] = ids
    return ids
  }

  private func interrupts(of device: String) throws(KernelError) -> [Int] {
    if let known = interrupts[device] { return known }
    let numbers = host.deviceInterrupts(try link(device)).value?.numbers ?? []
    interrupts[device] = numbers
    return numbers
  }

  /// The action that the interrupt was requested under; its number where it has none.
  private func name(of interrupt: Int) throws(KernelError) -> String {
    if let name = interruptNames[interrupt] { return name }
    let actions = try host.actions(ofIRQ: interrupt) { () throws(KernelError) in
      if let interruptTable { return interruptTable }
      let table = try host.interruptTable()
      interruptTable = table
      return table
    }
    let name = actions.first ?? "\(interrupt)"
    interruptNames[interrupt] = name
    return name
  }
}
