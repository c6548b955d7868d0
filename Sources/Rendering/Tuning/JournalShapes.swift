import Knobs
import Notation
import Tuning

extension Journal.State {
  /// For people.
  var words: String {
    switch self {
    case .open: "interrupted"
    case .committed: "in force"
    case .awaiting: "awaiting confirmation"
    case .rolledBack: "rolled back"
    case .incomplete: "rolled back in part"
    case .deviceGone: "device gone"
    }
  }

  /// In JSON.
  var word: String { String(words.map { $0 == " " ? "-" : $0 }) }

  static let allWords = [
    "interrupted", "in-force", "awaiting-confirmation", "rolled-back", "rolled-back-in-part",
    "device-gone",
  ]
}

extension Journal {
  /// When it is rolled back unless it is confirmed.
  var deadline: TimeStamp? { if case .awaiting(let deadline) = state { deadline } else { nil } }
}

extension Shape where Value == Journal.State {
  static var journalState: Shape { Shape<String>.oneOf(Journal.State.allWords).from(\.word) }
}

extension Shape where Value == Journal.Debt {
  static var debt: Shape {
    Record<Journal.Debt>([
      Field(optional: "knob", "Id of the knob; absent in journals of older releases.", .string) {
        $0.key?.knob.id
      },
      Field(optional: "place", "Where the value belongs.", PlaceJSON.shape) {
        $0.key.map(PlaceJSON.init)
      },
      Field("reason", "The old and the current value, and why they differ.", .string) { $0.reason },
    ]).shape
  }
}
