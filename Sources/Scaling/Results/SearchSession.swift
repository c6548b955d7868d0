/// What all trials of one search share.
package struct SearchSession: Codable, Hashable, Sendable {
  /// How a search chooses its trials; raised when the same observations lead to others.
  package static let currentMethod = 1

  package var method = SearchSession.currentMethod
  package var tool: String
  /// Seconds since 1970.
  package var started: Double
  package var command: [String]
  package var machine: Machine
  package var plan: SearchPlan
  /// What was not tried.
  package var refused: [Refusal]
  /// Devices that candidates are set on; none of a search in namespaces.
  package var devices: [String]
  /// "crr on reuseport with 1 worker"
  package var workload: String
  package var warnings: [Warning]

  package struct Refusal: Codable, Hashable, Sendable {
    package var name: String
    package var reason: String

    package init(name: String, reason: String) {
      self.name = name
      self.reason = reason
    }
  }

  package init(
    tool: String, started: Double, command: [String], machine: Machine, plan: SearchPlan,
    refused: [Refusal], devices: [String], workload: String, warnings: [Warning]
  ) {
    self.tool = tool
    self.started = started
    self.command = command
    self.machine = machine
    self.plan = plan
    self.refused = refused
    self.devices = devices
    self.workload = workload
    self.warnings = warnings
  }
}

/// One trial, as it is kept in a results file.
package struct TrialRecord: Codable, Hashable, Sendable {
  /// Names of the candidates that were in force; none of the base.
  package var candidates: [String]
  package var phase: String
  /// Seconds since 1970.
  package var started: Double
  /// That it took.
  package var seconds: Double
  package var observation: SearchObservation?
  /// What it came to instead of an observation.
  package var ending: Ending?
  package var reason: String?

  package enum Ending: String, Codable, Sendable {
    case failed, harmed, inapplicable, disturbed
  }

  package init(
    _ search: Search, _ trial: Search.Trial, started: Double, seconds: Double,
    _ result: Search.Result
  ) {
    candidates = trial.map { search.plan.candidates[$0].name }
    phase = search.phase.rawValue
    self.started = started
    self.seconds = seconds
    switch result {
    case .observed(let observation): self.observation = observation
    case .failed(let reason): (ending, self.reason) = (.failed, reason)
    case .harmed(let reason): (ending, self.reason) = (.harmed, reason)
    case .inapplicable(let reason): (ending, self.reason) = (.inapplicable, reason)
    case .disturbed(let reason): (ending, self.reason) = (.disturbed, reason)
    }
  }

  fileprivate var result: Search.Result {
    let reason = reason ?? ""
    return switch ending {
    case .failed: .failed(reason)
    case .harmed: .harmed(reason)
    case .inapplicable: .inapplicable(reason)
    case .disturbed: .disturbed(reason)
    case nil: observation.map { .observed($0) } ?? .failed("no figure")
    }
  }
}

extension Search {
  /// A search made again from what its trials came to.
  package init(_ session: SearchSession, _ trials: [TrialRecord]) throws(BenchError) {
    guard session.method == SearchSession.currentMethod else {
      throw BenchError(
        "this search was made by method \(session.method); this rxtune reads method "
          + "\(SearchSession.currentMethod)")
    }
    guard session.plan.isPossible else { throw BenchError("no search can have had such a plan") }
    self.init(session.plan)
    for (index, record) in trials.enumerated() {
      guard let trial = next, trial.map({ plan.candidates[$0].name }) == record.candidates else {
        throw BenchError("trial \(index + 1) does not follow from those before it")
      }
      take(record.result, seconds: record.seconds)
    }
  }
}
