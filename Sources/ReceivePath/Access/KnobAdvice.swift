package import KernelIO
package import Knobs
import Netlink

extension Knob {
  /// What a refusal of this knob usually means; nil where it says enough by itself.
  package func advice(on error: KernelError) -> String? {
    guard let errno = error.errno else { return nil }
    return advice(on: errno) ?? Self.advice(ofAny: errno)
  }

  /// Of this mechanism alone.
  private func advice(on errno: Errno) -> String? {
    switch (access, errno) {
    // 0444, and EPERM on writing as root: the kernel placed the interrupt itself.
    case (.irqFile, .notPermitted), (.irqFile, .io):
      "The kernel manages this interrupt: its CPUs follow from the number of queues"
    case (.irqFile, .invalid), (.irqDefault, .invalid): "At least one CPU of it must be online"
    case (.queueFile("xps_cpus"), .noEntry): "A device with one transmit queue has no XPS"
    case (.queueFile, .overflow): "A number in it is beyond what this host or device has"
    case (.queueFile("rps_flow_cnt"), .outOfMemory): "Each entry takes 12 bytes"
    case (.napi, .noEntry): "The device made its NAPI instances again: their ids are new"
    case (.napi, .notPermitted): "It needs CAP_NET_ADMIN in the host's own user namespace"
    case (.sysctl, .invalid): "It takes \(range.text())"
    case (.sysctl("net/core/default_qdisc"), .noEntry):
      "No such queueing discipline: load its module"
    case (.sysctl, _), (.irqFile, _), (.irqDefault, _), (.queueFile, _), (.napi, _),
      (.deviceFile, _), (.cpuFile, _), (.idleStates, _), (.ethtool, _), (.ethtoolFlag, _),
      (.ethtoolChoice, _), (.moderationProfile, _), (.feature, _), (.link, _), (.tunable, _),
      (.queueCoalesce, _), (.rss, _), (.flowRules, _), (.privateFlags, _), (.socketOption, _),
      (.epollParameters, _), (.latencyRequest, _), (.derived, _):
      nil
    }
  }

  private static func advice(ofAny errno: Errno) -> String? {
    switch errno {
    case .notPermitted, .accessDenied: "It needs root, or CAP_NET_ADMIN"
    case .notSupported: "The driver does not support it"
    case .busy: "The device is busy: try again, or with the device down"
    default: nil
    }
  }
}

extension Host {
  /// A knob's value, or why there is none.
  package func reading(
    of knob: Knob, at place: Place, sharing answers: SharedAnswers = SharedAnswers()
  ) -> Reading<KnobReading> {
    do { return .value(try read(knob, at: place, sharing: answers)) } catch {
      return .absent(absence(error, knob))
    }
  }

  /// Why a knob has no value: a host's sysctl that is missing in a child network namespace is told
  /// from one that the kernel does not have.
  package func absence(_ error: KernelError, _ knob: Knob) -> Absence {
    var absence = Absence(error)
    if error.errno == .stale { absence.reason = .notInNamespace }
    if case .sysctl = knob.access, knob.scope == .host, error.kind == .absent, isInChildNamespace {
      absence.reason = .notInNamespace
    }
    return absence
  }
}
