import KernelIO
import Rendering

extension OutputFormat {
  init(json: Bool) { self = json ? .json : .text }
}

/// - Throws: where standard output takes no more.
func print(_ document: some Document, as format: OutputFormat) throws {
  try print([document], as: format)
}

/// One behind the other.
func print(_ documents: [some Document], as format: OutputFormat) throws {
  guard Console.show(documents.map { $0.text(as: format) }.joined()) else {
    throw Failure("not all of it could be written to standard output")
  }
}
