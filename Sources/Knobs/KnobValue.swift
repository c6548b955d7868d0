/// A knob's value, read or wanted.
package enum KnobValue: Hashable, Sendable {
  case number(Int64)
  case flag(Bool)
  case cpus(CPUSet)
  /// Words, or several numbers, as the kernel writes them.
  case text(String)

  /// As a person reads and types it.
  package var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .flag(let on): on ? "on" : "off"
    case .cpus(let cpus): cpus.isEmpty ? "none" : cpus.list
    case .text(let text): text
    }
  }
}
