import ArgumentParser
import Knobs
import ReceivePath
import Scaling
import Tuning

/// A change that may help.
struct Proposal: Hashable {
  let request: Request
  /// As `rxtune set` takes it: "coalesce.rx-usecs=50", places.
  private let words: [String]

  /// nil of one that has a value for each of some places.
  init?(_ request: Request) {
    let value: String
    switch request.value {
    case .literal(let text): value = text
    case .parsed(let parsed): value = parsed.description
    case .policy(let policy): value = policy.name
    case .each: return nil
    }
    self.request = request
    words =
      ["\(request.knob.id)=\(value)"] + (request.places?.map(\.description).sorted() ?? [])
  }

  /// "coalesce.rx-usecs=50"
  var name: String { words.joined(separator: " ") }

  /// As a benchmark names the state that they make together (`ProfileStaging.profile`).
  static func variant(_ proposals: [Proposal]) -> String {
    proposals.isEmpty
      ? Comparison.asItIs
      : proposals.map { $0.words.joined(separator: "\t") }.joined(separator: "\n")
  }
}
