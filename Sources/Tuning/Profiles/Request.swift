package import Knobs

/// One line of what is wanted: a knob, and values for it.
package struct Request: Hashable, Sendable {
  package var knob: Knob
  package var value: Value
  package var reason: Reason
  /// False where a device that lacks the knob is only to be told of (profiles).
  package var isRequired: Bool
  /// Only these places ("rx-3"), or all.
  package var places: Set<Place.Part>?

  package init(
    _ knob: Knob, _ value: Value, reason: Reason = Reason(), isRequired: Bool = true,
    places: Set<Place.Part>? = nil
  ) {
    self.knob = knob
    self.value = value
    self.reason = reason
    self.isRequired = isRequired
    self.places = places
  }

  /// The places that are named, in order; nil where all are meant.
  var selected: [Place.Part]? {
    let named: [Place.Part]? =
      if case .each(let values) = value { Array(values.keys) } else { places.map(Array.init) }
    return named?.sorted { $0.description < $1.description }
  }

  /// What is asked for, before a host is known.
  package enum Value: Hashable, Sendable {
    /// A value as a person writes it: what it stands for ("max") may depend on the place.
    case literal(String)
    case parsed(KnobValue)
    case policy(Policy)
    /// A value for each of some places.
    case each([Place.Part: String])

    /// Reads a word: a policy that suits the knob, or a value.
    package init(_ text: String, for knob: Knob) {
      if let policy = Policy.named(text), policy.suits(knob) {
        self = .policy(policy)
      } else {
        self = .literal(text)
      }
    }
  }
}

/// Why a value is wanted, in a profile's own words, and where that is from.
package struct Reason: Hashable, Sendable {
  package var why: String?
  package var source: String?
  /// The policy that the value came of: "spread".
  package var policy: String?

  package init(why: String? = nil, source: String? = nil, policy: String? = nil) {
    self.why = why
    self.source = source
    self.policy = policy
  }
}
