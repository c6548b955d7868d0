import KernelIO
import Knobs
import Notation
import ReceivePath
import Scaling
import Tuning

/// Tuning profiles as the states that a benchmark compares: each is carried out for one run as a
/// change like any other, and rolled back after it.
///
/// Until then its journal says that the change waits to be confirmed, so that a killed benchmark
/// leaves what `rxtune rollback`, or after a while the next change, puts back.
final class ProfileStaging: Staging {
  private let profiles: [String: Profile]
  private let devices: [String]
  private let force: Bool
  /// Of one run.
  private let seconds: Int64
  private let settings: HostSettings
  private let tuner: Tuner
  /// Those that had a link before anything was changed.
  private let linked: [DeviceIdentity]
  private var journal: Journal?
  private let lock: StateLock

  private static let patience = Span(milliseconds: 10_000)
  /// Seconds that a run may take beyond its own length.
  private static let slack: Int64 = 60

  /// Refuses what could not be carried out, before anything is measured.
  init(
    _ names: [String], _ devices: [String], _ state: StateOptions, force: Bool, seconds: Double
  ) throws {
    let settings = HostSettings(Host(LiveKernel()))
    let profiles = try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Self.profile($0)) })
    // What needs privilege is said knob by knob before the state directory is tried.
    for name in names {
      if let profile = profiles[name] {
        _ = try Self.plan(profile, devices, settings, force: force)
      }
    }
    let archive = try state.archive()
    guard let directory = archive.storage as? StateDirectory else {
      throw Failure("\(archive.storage.path) is not a directory")
    }
    lock = try ChangeSession.lock(directory, "bench compare")
    tuner = try ChangeSession.tuner(settings, archive)
    try ChangeSession.clearTheWay(tuner)
    self.settings = settings
    self.devices = devices
    self.force = force
    self.seconds = Int64(seconds.rounded(.up))
    linked = ChangeSession.linked(devices, settings.host.kernel)
    self.profiles = profiles
  }

  /// A profile of the library or a file; "none" is the host as it is.
  private static func profile(_ name: String) throws -> Profile {
    name == Comparison.asItIs
      ? Profile(name: name, summary: "the host as it is", requests: [])
      : try ProfileLibrary().profile(name)
  }

  func set(_ variant: String) throws -> [String] {
    settings.refresh()
    let plan = try plan(variant)
    guard !plan.changes.isEmpty else { return [] }
    let report = try tuner.apply(
      plan, command: "bench compare --profile \(variant)", force: force,
      deadline: TimeStamp(seconds: TimeStamp.now().seconds + seconds + Self.slack))
    journal = report.journal
    do { try waitForLinks("under \(variant)") } catch {
      try reset()
      throw error
    }
    return plan.changes.map(\.text)
  }

  func reset() throws {
    guard let journal else { return }
    let left = try tuner.rollBack(journal.id).flatMap(\.left)
    guard left.isEmpty else {
      throw Failure(
        "\(journal.command): not fully rolled back: "
          + "\(Journal.lines(left).joined(separator: "; ")). Try: rxtune rollback \(journal.id)"
      )
    }
    self.journal = nil
    try tuner.archive.forget(journal.id)
    try waitForLinks("after \(journal.command) was rolled back")
  }

  private func waitForLinks(_ when: String) throws {
    if let down = ChangeSession.down(linked, after: Self.patience, settings.host.kernel) {
      throw Failure("\(down) has no link \(when)")
    }
  }

  private func plan(_ name: String) throws -> Plan {
    guard let profile = profiles[name] else { throw Failure("no profile '\(name)' was named") }
    return try Self.plan(profile, devices, settings, force: force)
  }

  private static func plan(
    _ profile: Profile, _ devices: [String], _ settings: HostSettings, force: Bool
  ) throws -> Plan {
    let planner = Planner(settings)
    let plan = try ChangeSession.complete(
      planner.plan(profile.requests, devices: devices), settings)
    let blockers = plan.blockers.filter { !(force && $0.severity == .danger) }
    guard blockers.isEmpty else {
      throw Failure(
        "profile \(profile.name): " + blockers.map(\.description).joined(separator: "\n"))
    }
    return plan
  }

  // MARK: - In a benchmark's own namespace

  /// Carries a profile out on the device of the namespace that this process is in; there is
  /// nothing to go back to, for it ends with the process.
  static func set(_ name: String, _ device: String) throws -> [String] {
    let settings = HostSettings(Host(LiveKernel()))
    let plan = try plan(profile(name), [device], settings, force: false)
    if let wide = plan.changes.first(where: { $0.setting.knob.reachesBeyondNamespace }) {
      throw Failure(
        "profile \(name) changes \(wide.setting.description) of the whole host, not of the benchmark's "
          + "namespace alone. Try: --no-netns, or a device and --target")
    }
    guard !plan.changes.isEmpty else { return [] }
    let tuner = try ChangeSession.tuner(settings, Archive(MemoryStorage()))
    _ = try tuner.apply(plan, command: "bench compare --profile \(name)")
    return plan.changes.map(\.text)
  }
}

extension Change {
  /// "eth0 rx-0 queue.rps-cpus 0-3 → off"
  fileprivate var text: String {
    "\(setting.description) \(old?.description ?? "–") → \(setting.value.description)"
  }
}

extension Knob {
  fileprivate var reachesBeyondNamespace: Bool {
    switch scope {
    case .host, .irq, .cpu: true
    case .namespace, .device, .rxQueue, .txQueue, .napi, .socket: false
    }
  }
}
