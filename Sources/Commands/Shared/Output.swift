import KernelIO
import Notation
import Rendering

extension OutputFormat {
  init(json: Bool) { self = json ? .json : .text }
}

extension Envelope {
  /// Of what this process prints now.
  static func now() -> Envelope {
    Envelope(
      version: Release.version, commit: BuildInfo.commit, host: Capture.Host.nodeName, time: .now())
  }
}

extension Document {
  /// As it is printed: for programs, in its envelope.
  func printed(as format: OutputFormat, failing failure: Failure? = nil) -> String {
    guard format == .text else { return json.printed(as: format, failing: failure) }
    return Console.hasColour
      ? marked.reduce(into: "") { $0 += Terminal.painted($1) + "\n" } : text(as: .text)
  }
}

extension JSON {
  /// A document's, in its envelope.
  func printed(as format: OutputFormat = .json, failing failure: Failure? = nil) -> String {
    let whole = Envelope.now().around(self, error: failure?.problem)
    return format == .jsonLine ? whole.line() + "\n" : whole.text()
  }
}

/// - Parameter failure: what stops the command all the same.
/// - Throws: the failure; or another, where standard output takes no more.
func print(
  _ document: some Document, as format: OutputFormat, failing failure: Failure? = nil
) throws {
  try show(document.printed(as: format, failing: failure))
  try failure?.afterItsDocument()
}

/// As a document: a benchmark's, which has its text elsewhere.
func print(
  _ json: JSON, as format: OutputFormat = .json, failing failure: Failure? = nil
) throws {
  try show(json.printed(as: format, failing: failure))
  try failure?.afterItsDocument()
}

/// One behind the other.
func print(_ documents: [some Document], as format: OutputFormat) throws {
  try show(documents.map { $0.printed(as: format) }.joined())
}

/// - Throws: where standard output takes no more.
func show(_ text: String) throws {
  guard Console.show(text) else { throw Failure.output }
}
