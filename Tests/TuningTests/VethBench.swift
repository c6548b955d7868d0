import KernelIO
import Knobs
import ReceivePath
import TestSupport
import Testing

@testable import Tuning

/// A veth pair of four queues that has NAPI instances, in a namespace of its own, and what changes
/// and verifies rxt0.
struct VethBench {
  static let device = "rxt0"

  let settings = HostSettings(Host(LiveKernel()))
  let tuner: Tuner
  let evidence: Evidence
  let namespace: NetworkNamespace

  static func run(_ body: (VethBench) throws -> Void) throws {
    let state = try Shell.run("mktemp -d").split(separator: "\n").first.map(String.init) ?? ""
    defer { _ = try? Shell.run("rm -rf '\(state)'") }
    try NetworkNamespace.run { namespace in
      try namespace.addVeth(device, "rxt1")
      try body(try VethBench(state, namespace))
    }
  }

  private init(_ state: String, _ namespace: NetworkNamespace) throws {
    let settings = settings
    let kernel = settings.host.kernel
    self.namespace = namespace
    evidence = Evidence(
      identities: Identities(kernel),
      fingerprint: { settings.fingerprint(of: $0) }, hint: { settings.hint(at: $0) },
      irqbalance: nil)
    tuner = Tuner(
      settings, Archive(try StateDirectory(state)), try Circumstances(kernel, pid: 1),
      identities: Identities(kernel),
      fingerprint: { settings.fingerprint(of: $0) })
  }

  func plan(_ assignments: [(String, String)], _ places: Set<Place.Part>? = nil) throws -> Plan {
    settings.refresh()
    let requests = try assignments.map { id, value in
      let knob = try #require(Knob.named(id))
      return Request(knob, Request.Value(value, for: knob), places: places)
    }
    return Planner(settings).plan(requests, devices: [Self.device])
  }

  /// Makes the change and returns its id.
  @discardableResult
  func set(_ id: String, _ value: String) throws -> String {
    try tuner.apply(plan([(id, value)]), command: "\(id)=\(value)").journal.id
  }

  func verification() throws -> Verification {
    settings.refresh()
    return Verification(inForce: try tuner.entries(), settings, evidence: evidence)
  }

  /// Every writable value of the device and of the namespace that can be read, addresses of
  /// NAPI instances by their rank.
  func state() -> [Setting.Key: KnobValue] {
    settings.refresh()
    var state: [Setting.Key: KnobValue] = [:]
    for knob in Knob.catalogue where knob.isWritable {
      guard let places = try? settings.places(of: knob, on: Self.device) else { continue }
      for place in places {
        state[Setting.Key(knob, at: place)] = try? settings.read(knob, at: place)
      }
    }
    return state
  }
}
