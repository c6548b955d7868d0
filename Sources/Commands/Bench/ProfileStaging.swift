import KernelIO
import Knobs
import Notation
import ReceivePath
import Rendering
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
  private let rules: Changes.Rules
  /// As the journal tells a change: "bench compare --profile spread".
  private let purpose: (_ variant: String) -> String
  /// Of one run.
  private let seconds: Int64
  private let changes: Changes
  private let session: ChangeSession
  /// Those that had a link before anything was changed.
  private let links: LinkWait
  private var journal: Journal?

  /// Milliseconds.
  private static let patience: Int64 = 10_000
  /// Seconds that a run may take beyond its own length.
  private static let slack: Int64 = 60

  /// Refuses what could not be carried out, before anything is measured.
  init(
    _ names: [String], _ devices: [String], _ state: StateOptions, by rules: Changes.Rules,
    seconds: Double,
    purpose: @escaping (String) -> String = { "bench compare --profile \($0)" }
  ) throws {
    let changes = state.changes()
    let profiles = try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Self.profile($0)) })
    // What needs privilege is said knob by knob before the state directory is tried.
    for name in names {
      if let profile = profiles[name] {
        _ = try Self.plan(profile, devices, changes, force: rules.force)
      }
    }
    session = try changes.open(purpose(names.first ?? Comparison.asItIs))
    try session.clearTheWay()
    self.changes = changes
    self.devices = devices
    self.rules = rules
    self.purpose = purpose
    self.seconds = Int64(seconds.rounded(.up))
    links = LinkWait(devices, changes.settings.host.kernel)
    self.profiles = profiles
  }

  /// A profile of the library or a file; lines of words as `rxtune set` takes them, with tabs between
  /// them; "none" is the host as it is.
  static func profile(_ name: String) throws -> Profile {
    if name == Comparison.asItIs {
      return Profile(name: name, summary: "the host as it is", requests: [])
    }
    guard name.contains("=") else { return try ProfileLibrary().profile(name) }
    let requests = try name.split(separator: "\n").flatMap { line in
      try SetWords(line.split(separator: "\t").map(String.init)).requests()
    }
    return Profile(name: name, summary: "", requests: requests)
  }

  func set(_ variant: String) throws -> [String] {
    changes.settings.refresh()
    let plan = try plan(variant)
    guard !plan.changes.isEmpty else { return [] }
    let report = try session.apply(
      plan, command: purpose(String(variant.map { $0 == "\n" || $0 == "\t" ? " " : $0 })),
      by: rules,
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
    let debts = try session.rollBack(journal.id).restored.flatMap(\.unrestored)
    guard debts.isEmpty else {
      throw Failure(
        "\(journal.command): \(Journal.notFullyRolledBack(debts)). "
          + "Try: rxtune rollback \(journal.id)", .notRestored)
    }
    self.journal = nil
    try session.discard(journal.id)
    try waitForLinks("after \(journal.command) was rolled back")
  }

  private func waitForLinks(_ when: String) throws {
    if let down = links.down(after: Self.patience) {
      throw Failure("\(down) has no link \(when)", .linkDown, place: .device(down))
    }
  }

  private func plan(_ name: String) throws -> Plan {
    try Self.plan(profiles[name] ?? Self.profile(name), devices, changes, force: rules.force)
  }

  static func plan(
    _ profile: Profile, _ devices: [String], _ changes: Changes, force: Bool
  ) throws -> Plan {
    let plan = try changes.plan(by: Changes.Rules()) { planner in
      planner.plan(profile.requests, devices: devices)
    }
    let blockers = plan.blockers(force: force)
    guard blockers.isEmpty else {
      // Words as `rxtune set` takes them say in each refusal what they are about.
      let whose = profile.name.contains("=") ? "" : "profile \(profile.name): "
      throw Failure(
        whose + CaveatGroup.refusals(blockers).joined(separator: "\n"), .refused)
    }
    return plan
  }

  // MARK: - In a benchmark's own namespace

  /// Carries a profile out on the device of the namespace that this process is in; there is
  /// nothing to go back to, for it ends with the process.
  static func set(_ name: String, _ device: String) throws -> [String] {
    let changes = Changes(of: Host(LiveKernel()), state: nil)
    let plan = try plan(profile(name), [device], changes, force: false)
    if let wide = plan.changes.first(where: { $0.setting.knob.scope.reachesBeyondNamespace }) {
      throw Failure(
        "profile \(name) changes \(wide.setting.description) of the whole host, not of the benchmark's "
          + "namespace alone. Try: --no-netns, or a device and --target")
    }
    guard !plan.changes.isEmpty else { return [] }
    _ = try changes.open("bench compare").apply(
      plan, command: "bench compare --profile \(name)", by: Changes.Rules())
    return plan.changes.map(\.text)
  }
}

extension Change {
  /// "eth0 rx-0 queue.rps-cpus 0-3 → off"
  fileprivate var text: String {
    "\(setting.description) \(old?.description ?? "–") → \(setting.value.description)"
  }
}
