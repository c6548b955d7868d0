import KernelIO
import Knobs
import ReceivePath

/// A device with its queues, and the CPUs that handle them, as they are going to be.
struct PlannedDevice {
  let name: String
  private(set) var queues: Queues
  var placement: Placement
  private var isCounted = false
  private let settings: any Settings

  var locality: Locality { placement.locality }

  init(_ name: String, _ settings: any Settings) {
    self.name = name
    self.settings = settings
    queues = Queues(settings, name)
    placement = Placement(
      settings.locality(of: name), rxQueues: queues.rx, txQueues: queues.tx)
  }

  /// Takes the planned channels into account, once they are all planned.
  ///
  /// - Returns: false where that was done before.
  mutating func count(_ changes: [Change]) -> Bool {
    guard !isCounted else { return false }
    isCounted = true
    queues.count(changes, name)
    if queues.areChanging { placement.recount(rxQueues: queues.rx, txQueues: queues.tx) }
    return true
  }

  // MARK: - Places

  /// Where the request's knob is going to have values, once the channels are as planned; and what
  /// it names that the device is not going to have.
  func places(
    of request: Request
  ) throws(KernelError) -> (found: [Place], missing: [Place.Part]) {
    let knob = request.knob
    let count = knob.scope == .txQueue ? queues.tx : queues.rx
    if knob.scope == .rxQueue || knob.scope == .txQueue, count == 0 {
      // None, or out of reach.
      _ = try settings.places(of: knob, on: name)
    }
    guard let selected = request.selected else { return (try places(of: knob), []) }
    var found: [Place] = []
    var missing: [Place.Part] = []
    for part in selected {
      if let place = try? place(part, of: knob), knob.fits(place) {
        found.append(place)
      } else {
        missing.append(part)
      }
    }
    return (found, missing)
  }

  private func places(of knob: Knob) throws(KernelError) -> [Place] {
    switch knob.scope {
    case .rxQueue: return (0..<queues.rx).map { .queue(device: name, .rx, $0) }
    case .txQueue: return (0..<queues.tx).map { .queue(device: name, .tx, $0) }
    case .irq:
      // Interrupts of queues; a device's others (link events) are no business of placement.
      let known = locality.vectors
      func isKnown(_ queue: Int) -> Bool { known[queue]?.interrupted != nil }
      // Of queues to come the interrupts will be known where those of all queues are now.
      let all = queues.rxBefore > 0 && (0..<queues.rxBefore).allSatisfy(isKnown)
      return try (0..<queues.rx).filter { queues.areChanging ? all : isKnown($0) }
        .map { (queue) throws(KernelError) in try vector(of: queue) }
    case .napi:
      let now = try settings.places(of: knob, on: name)
      // One a receive queue, where that is how it is now.
      guard queues.areChanging, now.count == queues.rxBefore else { return now }
      return (0..<queues.rx).map { .napi(device: name, rank: $0) }
    default: return try settings.places(of: knob, on: name)
    }
  }

  func place(_ part: Place.Part, of knob: Knob) throws(KernelError) -> Place? {
    guard case .queue(let direction, let index) = part else {
      return try settings.place(part, on: name)
    }
    guard index < (direction == .rx ? queues.rx : queues.tx) else { return nil }
    return knob.scope == .irq ? try vector(of: index) : Place(part, of: name)
  }

  private func vector(of queue: Int) throws(KernelError) -> Place {
    let vector = Place.vector(device: name, queue: queue)
    return queues.areChanging ? vector : try settings.resolved(vector)
  }

  /// The queue that the place is, or that it serves as an interrupt.
  private func queue(of place: Place) -> Int? {
    switch place.part {
    case .queue(_, let queue), .vector(let queue): queue
    case .irq, .interrupt:
      (0..<queues.rx).first {
        (try? settings.resolved(.vector(device: name, queue: $0))) == place
      }
    default: nil
    }
  }

  /// What follows from a vector's CPUs goes by these.
  mutating func pin(_ vector: Place, to value: KnobValue) {
    guard case .cpus(let cpus) = value, let queue = queue(of: vector) else { return }
    placement.place(cpus, queue: queue)
  }

  // MARK: - Policies

  /// What a policy gives the knob at one of the device's places; nil where it has no opinion.
  ///
  /// - Parameter flowEntries: what RFS has for all queues.
  mutating func value(
    of policy: Policy, for knob: Knob, at place: Place, maximum: Int64?,
    flowEntries: @escaping () -> Int64?
  ) -> KnobValue? {
    // Where queues can be combined, separate ones would come on top.
    if knob == .channelsRx || knob == .channelsTx, queues.canCombine { return nil }
    let queue = queue(of: place)
    let value = policy.value(
      for: knob,
      by: Policy.Basis(
        placement: placement, queue: queue, maximum: maximum, flowEntries: flowEntries))
    if knob == .irqAffinity, case .cpus(let cpus)? = value, let queue {
      placement.place(cpus, queue: queue)
    }
    return value
  }
}
