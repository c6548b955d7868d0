import ArgumentParser
import Knobs
import Notation
import ReceivePath
import Scaling
import Tuning

/// What a search is to try, and what it will not, with the reasons.
struct ProposalList {
  private(set) var proposals: [Proposal] = []
  private(set) var refused: [SearchSession.Refusal] = []
  /// Whether the host beyond the benchmark's own namespace may change.
  private let reachesHost: Bool

  init(reachesHost: Bool) {
    self.reachesHost = reachesHost
  }

  /// The settings of all built-in profiles, one by one.
  mutating func addProfiles() throws {
    for entry in ProfileLibrary.builtIn { try add(profile: entry.name) }
  }

  /// PROFILE, KNOB, KNOB=VALUES or several KNOB=VALUE together, as `--among` takes them.
  ///
  /// - Parameter settings: nil where the device is not there yet.
  mutating func add(typed word: String, on settings: HostSettings?, _ devices: [String]) throws {
    let together = Self.parts(typed: word).map { Place.Part.split(assignment: $0) }
    if together.count > 1 || together.contains(where: { !$0.places.isEmpty }) {
      guard together.allSatisfy({ $0.assignment.contains("=") }) else {
        throw ValidationError("--among \(word): settings that go together are KNOB=VALUE each")
      }
      return add(
        try together.flatMap { try SetWords([$0.assignment] + $0.places).requests() })
    }
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    guard let knob = Knob.named(parts[0]) else {
      guard parts.count == 1, (try? ProfileLibrary().entry(word)) != nil else {
        throw ValidationError(
          "--among: \"\(parts[0])\" is neither a profile nor a knob"
            + NearestNames.question(
              parts[0], in: Knob.names + ProfileLibrary.builtIn.map(\.name)))
      }
      return try add(profile: word)
    }
    guard knob.isWritable, knob.scope != .socket else {
      throw ValidationError("--among \(word): \(knob.id) cannot be set from outside")
    }
    let values =
      parts.count == 2
      ? Self.values(parts[1], of: knob)
      : SearchValues(knob, on: settings, devices).all
    guard !values.isEmpty else {
      throw ValidationError("--among \(word): name values to try, as \(knob.id)=VALUE")
    }
    for value in values { add([Request(knob, Request.Value(value, for: knob))]) }
  }

  /// A command of a finding's fix: what it sets goes together.
  mutating func add(fix command: [String]) throws {
    guard command.starts(with: ["rxtune", "set"]) else { return }
    add(try SetWords(command.dropFirst(2)).requests())
  }

  /// "features.rx-gro=on + device.threaded=1" taken apart.
  static func parts(typed word: String) -> [String] {
    guard let mark = word.firstOccurrence(of: SearchPlan.Candidate.together) else { return [word] }
    return [String(word[..<mark.lowerBound])] + parts(typed: String(word[mark.upperBound...]))
  }

  /// Several numbers or words stand between commas; what has commas of its own is one value.
  private static func values(_ text: String, of knob: Knob) -> [String] {
    switch knob.form {
    case .number, .flag, .word: text.split(separator: ",").map(String.init)
    default: text.isEmpty ? [] : [text]
    }
  }

  private mutating func add(profile name: String) throws {
    for request in try ProfileLibrary().profile(name).requests { add([request]) }
  }

  private mutating func add(_ requests: [Request]) {
    guard !requests.isEmpty, let proposal = Proposal(requests),
      !proposals.contains(where: { $0.name == proposal.name }),
      !refused.contains(where: { $0.name == proposal.name })
    else { return }
    if !reachesHost, requests.contains(where: { $0.knob.scope.reachesBeyondNamespace }) {
      refused.append(
        .init(
          name: proposal.name,
          reason: "it is of the whole host, not of the benchmark's namespace: name a device"))
    } else {
      proposals.append(proposal)
    }
  }

  /// Those that come to something on this host; the others are refused, each with what stands in its
  /// way.
  mutating func check(
    _ plan: (Proposal) throws -> Plan, force: Bool
  ) {
    var possible: [Proposal] = []
    for proposal in proposals {
      do {
        let plan = try plan(proposal)
        let blockers = plan.blockers(force: force)
        if blockers.isEmpty, !plan.changes.isEmpty {
          possible.append(proposal)
        } else {
          let reason =
            CaveatGroup.refusals(blockers).first
            ?? (plan.satisfied.isEmpty
              ? plan.caveats.first?.description ?? "it comes to nothing here" : "it is so already")
          refused.append(.init(name: proposal.name, reason: reason))
        }
      } catch { refused.append(.init(name: proposal.name, reason: "\(error)")) }
    }
    proposals = possible
  }
}
