import Knobs
package import Tuning

/// `rxtune export`: the file, and what of the profile its format cannot express.
extension Export: Document {
  package var lines: [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  package static let shape = Record<Export>([
    Field("text", "The file; empty where the format can express nothing of it.", .string) {
      $0.text
    },
    Field("omissions", "What the format cannot express.", .array(of: omission)) { $0.omissions },
  ]).shape

  private static let omission = Record<Export.Omission>([
    Field("knob", "The knob.", .string) { $0.knob.id },
    Field("places", "Where its values are kept.", .array(of: PlaceJSON.shape)) { omission in
      omission.places.map { PlaceJSON(omission.knob, at: $0) }
    },
    Field("reason", "Why it cannot be expressed.", .string) { $0.reason },
  ]).shape
}

/// `rxtune persist` and `unpersist`: the files that were written or removed.
package struct FilesDocument: Document {
  package var paths: [String] = []

  package init() {}

  package var lines: [String] { paths }

  package static let shape = Record<FilesDocument>([
    Field(
      "files", "Paths, in the order in which they were written or removed.", .array(of: .string)
    ) { $0.paths }
  ]).shape
}
