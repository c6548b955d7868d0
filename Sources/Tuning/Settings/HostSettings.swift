package import KernelIO
package import Knobs
package import ReceivePath

/// The settings of a host, with its ids looked up and kept until a write makes them stale.
package final class HostSettings: Settings {
  package let host: Host
  let answers = SharedAnswers()
  let names: PlaceNames
  var allLinks: [Link]?
  private var online: CPUSet??
  /// Devices whose RSS table a user has set, as far as this process knows. Not forgotten with the
  /// answers: nothing in the kernel tells it.
  var setTables: Set<String> = []

  package init(_ host: Host) {
    self.host = host
    names = PlaceNames(host)
  }

  package func refresh() {
    answers.forget()
    names.forget()
    allLinks = nil
    online = nil
  }

  package var onlineCPUs: CPUSet? {
    if let online { return online }
    let found = try? host.onlineCPUs()
    online = found
    return found
  }

  package func read(_ knob: Knob, at place: Place) throws(KernelError) -> KnobValue {
    try reading(knob, at: place).value
  }

  package func bounds(of knob: Knob, at place: Place) throws(KernelError) -> Bounds {
    let live = try names.live(place)
    // Files tell no bounds, but whether they are there to be written.
    if Host.file(of: knob, at: live) != nil {
      return Bounds(isFixed: host.isReadOnly(knob, at: live))
    }
    let reading = try reading(knob, at: place)
    return Bounds(minimum: reading.minimum, maximum: reading.maximum, isFixed: reading.isFixed)
  }

  func reading(_ knob: Knob, at place: Place) throws(KernelError) -> KnobReading {
    try host.read(knob, at: try names.live(place), sharing: answers)
  }

  package func write(
    _ values: [(knob: Knob, value: KnobValue)], at place: Place
  ) throws(KernelError) {
    let live = try names.live(place)
    defer {
      if case .napiID(let id) = live.part, let device = live.device {
        answers.forget(napi: id, of: device)
      } else if values.contains(where: { !$0.knob.isAlone }) {
        // Files of their own make nothing stale that came in a message.
        answers.forget()
      }
    }
    if try giveTableBack(values, live) { return }
    if try editTable(values, live, place) { return }
    if values.contains(where: { $0.knob.access == .rss(.indirection) }), let device = place.device {
      setTables.insert(device)
    }
    try host.write(values, at: live, sharing: answers)
  }

  package func absence(_ error: KernelError, of knob: Knob) -> Absence {
    host.absence(error, knob)
  }
}

extension Knob {
  /// Whether a write of the knob moves no other's value: a device's files set its NAPI instances,
  /// too.
  fileprivate var isAlone: Bool {
    if case .deviceFile = access { false } else { access.isFile }
  }
}
