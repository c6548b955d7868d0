import KernelIO
import Knobs
import Netlink

/// The idle states of a CPU that are off: cpuidle/stateN/disable (admin-guide/pm/cpuidle.rst).
extension Host {
  private static func idlePath(_ cpu: Int) -> KernelPath {
    .sys("devices/system/cpu/cpu\(cpu)/cpuidle")
  }

  func disabledIdleStates(_ cpu: Int) throws(KernelError) -> KnobReading {
    var disabled = CPUSet()
    for (state, path) in try idleStates(cpu) {
      switch try kernel.text(path) {
      case "0": continue
      case "1": disabled.insert(state)
      default:
        throw KernelError(
          path.description, DecodeError(path.description, offset: 0, "neither 0 nor 1"))
      }
    }
    return KnobReading(
      .cpus(disabled), origin: Self.idlePath(cpu).appending("state*/disable").description)
  }

  /// Writes only what differs; a state that the CPU does not have is refused before any write.
  func setDisabledIdleStates(_ cpu: Int, _ wanted: CPUSet) throws(KernelError) {
    let states = try idleStates(cpu)
    guard wanted.isSubset(of: CPUSet(states.map(\.state))) else {
      throw KernelError("write", Self.idlePath(cpu).description, .noEntry)
    }
    for (state, path) in states {
      let value = wanted.contains(state) ? "1" : "0"
      if try kernel.text(path) != value { try kernel.write(path, Array(value.utf8)) }
    }
  }

  /// Microseconds that leaving each idle state takes, by state: cpuidle/stateN/latency of the first
  /// CPU that is online, for the others are its like.
  func idleLatencies() throws(KernelError) -> [Int: Int] {
    let cpu = try onlineCPUs().first ?? 0
    var latencies: [Int: Int] = [:]
    for (state, _) in try idleStates(cpu) {
      latencies[state] = try kernel.integer(
        Self.idlePath(cpu).appending("state\(state)/latency"))
    }
    return latencies
  }

  private func idleStates(_ cpu: Int) throws(KernelError) -> [(state: Int, path: KernelPath)] {
    let directory = Self.idlePath(cpu)
    return try kernel.list(directory).compactMap { name in
      guard name.hasPrefix("state"), let state = Int(name.dropFirst(5)), state >= 0 else {
        return nil
      }
      return (state, directory.appending("\(name)/disable"))
    }.sorted { $0.state < $1.state }
  }
}
