import ArgumentParser
import Knobs
import ReceivePath
import Scaling
import Tuning

/// A change that may help, and who proposed it.
struct Proposal: Hashable {
  /// "coalesce.rx-usecs=50"
  var name: String
  var request: Request
  var origin: Origin

  enum Origin: Hashable {
    case profile(String)
    case doctor(rule: String)
    case user
  }

  init(_ request: Request, value: String, from origin: Origin) {
    let places = request.places?.map(\.description).sorted() ?? []
    name = (["\(request.knob.id)=\(value)"] + places).joined(separator: " ")
    self.request = request
    self.origin = origin
  }

  /// As a benchmark names the state that it makes: words of `rxtune set`, one more proposal a line.
  var variant: String { String(name.map { $0 == " " ? "\t" : $0 }) }

  static func variant(_ proposals: [Proposal]) -> String {
    proposals.isEmpty
      ? Comparison.asItIs : proposals.map(\.variant).joined(separator: "\n")
  }
}
