/// How the kernel or a name says that a queue interrupts through an IRQ.
package enum Join: String, Sendable, Hashable, CaseIterable {
  /// netdev genl: queue.napi-id and napi.irq.
  case kernel
  /// The IRQ is one of the device's (msi_irqs), and its name tells the queue.
  case msi
  /// The IRQ is the device's line, which others may share, or the bus lists none: only its name
  /// tells the queue.
  case name
  case unknown
}

/// The interrupts of a device, joined to its receive queues by what they are called.
struct NamedInterrupts {
  typealias Interrupt = (irq: Int, actions: [String])

  /// By receive queue.
  private(set) var irqs: [Int?]
  /// Why those without one have none.
  private(set) var unknown: UnknownInterrupt

  private let device: InterruptName.Device
  private let interrupts: [Interrupt]
  /// nil: the bus lists none, and these are all that may be.
  private let source: DeviceInterrupts.Source?
  private let isUp: Bool
  private let isShared: () -> Bool

  /// - Parameters:
  ///   - interrupts: number and actions of each that may be the device's.
  ///   - source: how the bus gave them to the device; nil where it tells nothing of interrupts.
  ///   - queues: how many receive queues there are now.
  ///   - isShared: whether other interfaces are on the same device of the bus; asked where it counts.
  init(
    _ interrupts: [Interrupt], source: DeviceInterrupts.Source?, of device: InterruptName.Device,
    queues: Int, isUp: Bool = true, isShared: @escaping () -> Bool = { false }
  ) {
    self.device = device
    self.interrupts = interrupts
    self.source = source
    self.isUp = isUp
    self.isShared = isShared
    irqs = Array(repeating: nil, count: queues)
    unknown = .names(vectors: 0)
    let (vectors, doubt) = ownVectors()
    if let reason = doubt ?? join(vectors) {
      unknown = reason
    } else if irqs.count == 1, irqs[0] == nil, let irq = onlyInterrupt() {
      irqs[0] = irq
    } else if irqs.allSatisfy({ $0 == nil }) {
      unknown = nothingJoined
    }
  }

  // MARK: - Whose vector it is

  private struct Vector {
    var irq: Int
    var name: InterruptName
  }

  /// Vectors that receive for this interface: those that bear its name or its device's; where none
  /// does, those of a name that it may have had before.
  private func ownVectors() -> (vectors: [Vector], doubt: UnknownInterrupt?) {
    let formats = InterruptName.Formats(of: device)
    var own: [Vector] = []
    var others: [Vector] = []
    var device: [Vector] = []
    for (irq, actions) in interrupts {
      for name in actions.compactMap(formats.name) {
        let vector = Vector(irq: irq, name: name)
        switch name.interface {
        case let interface? where self.device.isCalled(interface): own.append(vector)
        case .some: others.append(vector)
        case nil: device.append(vector)
        }
      }
    }
    if !own.isEmpty { return (own, nil) }
    if let first = device.first {
      // The function's, whichever port of it this is.
      return first.name.hasPorts && isShared() ? ([], .otherInterface(nil)) : (device, nil)
    }
    guard let first = others.first, source != .line, source != nil else { return ([], nil) }
    // Renamed since. Ports of one function are told apart by nothing but their names.
    guard source == .device, others.allSatisfy({ $0.name.interface == first.name.interface }),
      !first.name.hasPorts, !isShared()
    else { return ([], .otherInterface(first.name.interface)) }
    return (others, nil)
  }

  // MARK: - Which queue it serves

  /// - Returns: why the vectors' numbers are no queues.
  private mutating func join(_ vectors: [Vector]) -> UnknownInterrupt? {
    guard let counts = vectors.first?.name.counts else { return nil }
    guard vectors.allSatisfy({ $0.name.counts == counts }) else {
      return .names(vectors: vectors.count)
    }
    let sorted = vectors.sorted { ($0.name.number, $0.irq) < ($1.name.number, $1.irq) }
    let (first, count) = (sorted.first?.name.number ?? 0, (sorted.last?.name.number ?? 0) &+ 1)
    switch counts {
    case .queue: assign(sorted) { _, number in number }
    case .vector:
      guard first == 0 else { return .names(vectors: vectors.count) }
      guard count >= irqs.count else { return .fewerVectors(count, queues: irqs.count) }
      assign(sorted) { _, number in number }
    case .rank:
      guard vectors.count >= irqs.count else {
        return .fewerVectors(vectors.count, queues: irqs.count)
      }
      assign(sorted) { rank, _ in rank }
    case .secondHalf:
      guard count / 2 >= irqs.count else { return .fewerVectors(count / 2, queues: irqs.count) }
      assign(sorted) { _, number in number - count / 2 }
    case .allQueues:
      guard vectors.count == 1 else { return .names(vectors: vectors.count) }
      for queue in irqs.indices { irqs[queue] = vectors[0].irq }
    case .eventQueue: return .eventQueues
    }
    return nil
  }

  /// A vector beyond the queues serves none: the channels were reduced, and its action stays.
  private mutating func assign(_ vectors: [Vector], _ queue: (_ rank: Int, _ number: Int) -> Int) {
    var doubtful = Array(repeating: false, count: irqs.count)
    for (rank, vector) in vectors.enumerated() {
      let queue = queue(rank, vector.name.number)
      guard irqs.indices.contains(queue) else { continue }
      if irqs[queue] != nil { doubtful[queue] = true }
      irqs[queue] = vector.irq
    }
    unknown = doubtful.contains(true) ? .severalVectors : .noVector
    for queue in irqs.indices where doubtful[queue] { irqs[queue] = nil }
  }

  /// Of a device with one queue: the one interrupt under its bare name.
  private func onlyInterrupt() -> Int? {
    let used = interrupts.filter { !$0.actions.isEmpty }
    switch source {
    case .device?:
      guard used.count == 1, used[0].actions.count == 1 else { return nil }
      let action = used[0].actions[0]
      if device.isCalled(action) { return used[0].irq }
      // Whatever the interface was called when it was requested.
      let isItsOnly =
        interrupts.count == 1 && isUp && device.bus == "pci" && device.mayHaveBeenCalled(action)
      return isItsOnly && !isShared() ? used[0].irq : nil
    case .parent?: return nil
    case .line?: return onlyLine(of: used) { device.isCalled($0) }
    case nil:
      return onlyLine(of: used) { device.isCalled($0) }
        ?? (isShared() ? nil : onlyLine(of: used) { $0 == device.busName })
    }
  }

  private func onlyLine(of interrupts: [Interrupt], _ isOwn: (String) -> Bool) -> Int? {
    let own = interrupts.filter { $0.actions.contains(where: isOwn) }
    return own.count == 1 ? own[0].irq : nil
  }

  private var nothingJoined: UnknownInterrupt {
    guard source != nil else {
      let driver = device.driver ?? ""
      let isNamed = interrupts.contains { $0.actions.contains(driver) }
      return isNamed ? .driverName(driver) : .notListed(bus: device.bus ?? "")
    }
    let used = interrupts.filter { !$0.actions.isEmpty }.count
    return used == 0 ? .none(isUp: isUp) : .names(vectors: used)
  }
}
