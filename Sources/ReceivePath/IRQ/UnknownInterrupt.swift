/// Why no IRQ is known for a receive queue.
package enum UnknownInterrupt: Error, Hashable, Sendable {
  case virtual
  /// The bus gives interrupts to no device of its own.
  case bus(String)
  /// The bus lists none in sysfs, and no line of /proc/interrupts is the device's beyond doubt.
  case notListed(bus: String)
  /// /proc/interrupts names the driver alone.
  case driverName(String)
  /// No interrupt of the device has a handler now.
  case none(isUp: Bool)
  case names(vectors: Int)
  case eventQueues
  /// The names show another interface, or none, and there are several on the device.
  case otherInterface(String?)
  case fewerVectors(Int, queues: Int)
  /// Others tell theirs.
  case noVector
  /// Several vectors' names tell the queue.
  case severalVectors
  /// What would tell cannot be read.
  case unreadable(Absence)

  /// The reason in one word, for programs.
  package var word: String {
    switch self {
    case .virtual: "virtual-device"
    case .bus: "no-interrupts-on-bus"
    case .notListed: "not-listed"
    case .driverName: "driver-name"
    case .none: "no-handler"
    case .names: "names-tell-no-queue"
    case .eventQueues: "event-queues"
    case .otherInterface: "other-interface"
    case .fewerVectors: "fewer-vectors"
    case .noVector: "no-vector"
    case .severalVectors: "several-vectors"
    case .unreadable: "unreadable"
    }
  }

  package static let words = [
    "virtual-device", "no-interrupts-on-bus", "not-listed", "driver-name", "no-handler",
    "names-tell-no-queue", "event-queues", "other-interface", "fewer-vectors", "no-vector",
    "several-vectors", "unreadable",
  ]
}

extension UnknownInterrupt: CustomStringConvertible {
  package var description: String {
    switch self {
    case .virtual: return "a virtual device has no interrupts"
    case .bus("vmbus"): return "VMBus: no interrupts of its own"
    case .bus("usb"): return "USB: the interrupts are the host controller's"
    case .bus(let name): return "\(name): the interrupts are those of the device above"
    case .notListed(let bus):
      return """
        \(bus.isEmpty ? "this" : "a \(bus)") device: sysfs lists no interrupts for it, and no name \
        in /proc/interrupts is its own alone
        """
    case .driverName(let name):
      return "/proc/interrupts names only the driver, \(name)"
    case .none(isUp: false): return "the device is down: no interrupt of its own has a handler"
    case .none: return "no interrupt of its own has a handler"
    case .names(1): return "1 vector, whose name shows no queue"
    case .names(let count): return "\(count) vectors, none of whose names shows a queue"
    case .eventQueues:
      return "the vectors' names count event queues, which the driver assigns to queues"
    case .otherInterface(let name?):
      return "the vectors are named after \(name), and several interfaces share the device"
    case .otherInterface:
      return "the vectors' names show no interface, and several share the device"
    case .fewerVectors(let vectors, let queues):
      return "\(vectors) \(vectors == 1 ? "vector" : "vectors") for \(queues) queues"
    case .noVector: return "no vector's name shows this queue"
    case .severalVectors: return "several vectors' names show this queue"
    case .unreadable(let absence): return absence.detail ?? absence.reason.words
    }
  }
}
