import ArgumentParser
import Knobs
import ReceivePath
import Scaling
import Tuning

/// A change that may help: a setting, or several that are to be made together.
struct Proposal: Hashable {
  let requests: [Request]
  /// Each as `rxtune set` takes it: "coalesce.rx-usecs=50", places.
  private let words: [[String]]

  /// nil of what has a value for each of some places.
  init?(_ requests: [Request]) {
    var words: [[String]] = []
    for request in requests {
      let value: String
      switch request.value {
      case .literal(let text): value = text
      case .parsed(let parsed): value = parsed.description
      case .policy(let policy): value = policy.name
      case .each: return nil
      }
      words.append(
        ["\(request.knob.id)=\(value)"] + (request.places?.map(\.description).sorted() ?? []))
    }
    self.requests = requests
    self.words = words
  }

  var candidate: SearchPlan.Candidate {
    SearchPlan.Candidate(
      words.map { $0.joined(separator: " ") }, settings: requests.map(\.knob.id))
  }

  var name: String { candidate.name }

  /// As a benchmark names the state that they make together (`ProfileStaging.profile`).
  static func variant(_ proposals: [Proposal]) -> String {
    proposals.isEmpty
      ? Comparison.asItIs
      : proposals.flatMap(\.words).map { $0.joined(separator: "\t") }.joined(separator: "\n")
  }
}
