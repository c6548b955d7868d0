package import Knobs
package import Notation

/// What took a setting from the value that a change left it at, as far as there is evidence.
package enum Culprit: Hashable, Sendable {
  /// A later change of rxtune's own.
  case ownChange(id: String, command: String)
  /// Another number of channels, or the same again after another one.
  case channelChange(device: String, ChannelEvidence)
  /// Another value of a setting that resets this one.
  case settingChange(knob: String, then: String, now: String)
  /// The kernel announced that a setting was changed that resets this one ("rings-ntf").
  case announcedChange(device: String, event: String)
  /// The link is down now, and what it has only while it is up is not there.
  case linkDown(device: String)
  /// The link was taken down and up again.
  case linkBounce(device: String)
  /// Transmit timeouts since: the kernel has the driver reset the device after one.
  case driverReset(device: String, timeouts: UInt64)
  /// The driver reopened its queues, for a reason that left no mark of its own.
  case queuesReopened(device: String, isCarrierLost: Bool)
  case cpusOffline(CPUSet)
  /// They were offline, and are not now.
  case cpusBack(CPUSet)
  case cpusIsolated(CPUSet)
  case irqbalance(pid: Int)
  /// Nothing else explains it: who, nobody can tell. The event announced it, where one was seen.
  case otherProgram(since: TimeStamp, event: String?)
  /// What was ruled out, and what could not be looked at.
  case unknown(ruledOut: [Kind], untold: [Fingerprint.Mark])

  package enum ChannelEvidence: Hashable, Sendable {
    case counts(Place.Direction, then: Int, now: Int)
    /// Queues of these numbers are other objects than they were.
    case remade(Place.Direction, CPUSet)
    /// "channels-ntf" was seen.
    case announced
  }

  package enum Kind: String, CaseIterable, Hashable, Sendable {
    case ownChange = "own-change"
    case channelChange = "channel-change"
    case settingChange = "setting-change"
    case linkDown = "link-down"
    case linkBounce = "link-bounce"
    case driverReset = "driver-reset"
    case queuesReopened = "queues-reopened"
    case cpuOffline = "cpu-offline"
    case cpuIsolation = "cpu-isolation"
    case irqbalance
    case otherProgram = "other-program"
    case unknown
  }

  package var kind: Kind {
    switch self {
    case .ownChange: .ownChange
    case .channelChange: .channelChange
    case .settingChange, .announcedChange: .settingChange
    case .linkDown: .linkDown
    case .linkBounce: .linkBounce
    case .driverReset: .driverReset
    case .queuesReopened: .queuesReopened
    case .cpusOffline, .cpusBack: .cpuOffline
    case .cpusIsolated: .cpuIsolation
    case .irqbalance: .irqbalance
    case .otherProgram: .otherProgram
    case .unknown: .unknown
    }
  }
}
