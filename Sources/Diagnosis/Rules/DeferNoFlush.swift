import Knobs
import Notation
import ReceivePath

extension Rule {
  /// defer-hard-irqs without gro-flush-timeout: no timer polls while the interrupt stays off, so it does
  /// not stay off (networking/napi.rst, "Software IRQ coalescing"; commit 6f8b12d661d0).
  ///
  /// The other half alone has a use of its own: it holds packets in GRO longer. Instances may have
  /// values of their own, so each is looked at.
  static let deferNoFlush = Rule(
    "defer-no-flush", "defer-hard-irqs is set without gro-flush-timeout", .state,
    document: "networking/napi.rst"
  ) { examination in
    examination.receivingDevices { device in
      deferrals(device) { deferral in
        if deferral.irqs > 0, deferral.timeout == 0 {
          return .finding(
            Finding(
              .risk, at: deferral.subject,
              "defer-hard-irqs has no effect without gro-flush-timeout.",
              evidence: deferral.evidence,
              consequence: "Interrupts are not deferred: every poll ends by enabling them.",
              fix: .run(deferral.set("gro-flush-timeout", flushTimeout)), .configured))
        }
        if deferral.irqs == 0, deferral.timeout > 0 {
          return .note(
            Note(
              at: deferral.subject,
              "gro-flush-timeout without defer-hard-irqs holds packets in GRO, and defers no "
                + "interrupt.", evidence: deferral.evidence))
        }
        return nil
      }
    }
  }

  /// Nanoseconds: of the busy-poll profile, and of the commit that introduced it.
  private static let flushTimeout = 20_000

  /// Asks `examine` of each way in which interrupts of a device are deferred.
  static func deferrals(
    _ device: DeviceView, _ examine: (Deferral) -> Verdict?
  ) -> [Verdict] {
    let instances = device.device.napis.value?.filter(\.tellsSettings) ?? []
    if instances.isEmpty {
      guard let defaults = device.device.napiDefaults else { return [] }
      guard let irqs = defaults.deferHardIRQs.value, let timeout = defaults.groFlushTimeout.value
      else { return [.unchecked(device.subject, "its NAPI settings are not known")] }
      let deferral = Deferral(
        irqs: irqs, timeout: timeout, suspend: 0, device: device.name, napis: nil)
      return [examine(deferral)].compactMap { $0 }
    }
    // Instances with the same settings are one finding.
    let groups = instances.grouped { napi in
      Deferral(
        irqs: Int(napi.deferHardIRQs ?? 0), timeout: Int(clamping: napi.groFlushTimeout ?? 0),
        suspend: Int(clamping: napi.irqSuspendTimeout ?? 0), device: device.name, napis: [])
    }
    return groups.compactMap { deferral, members in
      var deferral = deferral
      deferral.napis = members.count == instances.count ? [] : members.map(\.id)
      return examine(deferral)
    }
  }
}

/// How interrupts of NAPI instances are deferred.
struct Deferral: Hashable {
  var irqs: Int
  /// Nanoseconds.
  var timeout: Int
  /// Nanoseconds.
  var suspend: Int
  var device: String
  /// nil where the device's defaults are meant; empty where all of its instances are.
  var napis: [UInt32]?

  var subject: Diagnosis.Subject {
    if let napis, napis.count == 1, let id = napis.first {
      return Subject(.napi(device: device, id: id))
    }
    return .device(device)
  }

  var evidence: [Diagnosis.Evidence] {
    let source = napis == nil ? "/sys/class/net/\(device)" : "netdev napi-get"
    var evidence = [
      Evidence("defer-hard-irqs", irqs, from: source),
      Evidence("gro-flush-timeout", timeout, "ns", from: source),
    ]
    if suspend > 0 { evidence.append(Evidence("irq-suspend-timeout", suspend, "ns", from: source)) }
    return evidence
  }

  /// The command that sets one of them where it was found.
  func set(_ name: String, _ value: Int) -> [String] {
    let knob = napis == nil ? "device.\(name)" : "napi.\(name)"
    return ["rxtune", "set", "\(knob)=\(value)", device] + (napis ?? []).map { "napi-\($0)" }
  }
}
