package import KernelIO
package import Knobs
import ReceivePath

/// Where knobs have their values on the machine, and what places are called for good.
extension HostSettings {
  package func places(of knob: Knob, on device: String?) throws(KernelError) -> [Place] {
    let places = try host.places(of: knob, on: device.map { [$0] } ?? [], sharing: answers)
    return try places.map { (place) throws(KernelError) in try names.durable(place) }
  }

  package func place(_ part: Place.Part, on device: String?) throws(KernelError) -> Place? {
    switch (part, device) {
    case (.cpu(let cpu), _): return .cpu(cpu)
    case (_, nil): return nil
    case (.irq(let number), let device?) where try !names.has(number, device): return nil
    case (_, let device?):
      let place = Place(part, of: device)
      do { return try names.durable(place) } catch {
        if error.errno == .noEntry { return nil }
        throw error
      }
    }
  }

  package func resolved(_ place: Place) throws(KernelError) -> Place { try names.durable(place) }

  package func receiveQueues(of device: String) throws(KernelError) -> Int {
    try host.places(of: .rpsCPUs, on: [device]).count
  }

  /// The interrupt of each receive queue, as far as it is known.
  package func interrupts(ofQueues device: String) -> [Int: Int] {
    names.queueVectors(of: device)?.interrupts ?? [:]
  }
}
