import Knobs

extension Policy {
  /// Nothing of it, where that can be had: an interrupt needs a CPU, and a device a channel. A
  /// flag's own value is "off".
  static let off = Policy(
    "off", "0, none or off", width: .nothing,
    .xps { _, _ in CPUSet() },
    Use(suits: { $0.form == .set && $0 != .irqAffinity }) { _ in .cpus(CPUSet()) },
    Use(suits: { $0.form == .number && !Knob.queueChannels.contains($0) }) { _ in .number(0) })
}
