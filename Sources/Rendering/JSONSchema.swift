package import Notation
import ReceivePath
import Scaling
import Tuning

/// The JSON Schema of every document that a command prints with --json.
package enum JSONSchema {
  package static let version = Envelope.schemaVersion

  /// Documents, by the command that prints them.
  private static let documents: [(command: String, schema: JSON)] = [
    ("show", ShowDocument.schema),
    ("top", TopDocument.schema),
    ("flow", FlowAnswer.schema),
    ("ntuple", FlowRuleList.schema),
    ("get", KnobReadings.schema),
    ("knobs", KnobList.schema),
    ("explain", KnobExplanations.schema),
    ("doctor", CheckupDocument.schema),
    ("doctor-rules", RuleList.schema),
    ("trace", TraceDocument.schema),
    ("metrics", MetricsDocument.schema),
    ("capture", CaptureSummary.schema),
    ("profile-list", ProfileList.schema),
    ("profile-show", ProfileText.schema),
    ("profile-check", ProfileCheck.schema),
    ("profile-save", SavedProfile.schema),
    ("plan", Plan.schema),
    ("apply", ChangeDocument.schema),
    ("verify", Verification.schema),
    ("confirm", ConfirmationDocument.schema),
    ("rollback", RollbackDocument.schema),
    ("history", HistoryDocument.schema),
    ("watch", DriftDocument.schema),
    ("persist", FilesDocument.schema),
    ("unpersist", FilesDocument.schema),
    ("export", Export.schema),
    ("bench-serve-ready", ReadyDocument.schema),
    ("bench-serve", ServerJSON.shape.schema),
    ("bench-serve-backend", PacketServerJSON.shape.schema),
    ("bench-load", LoadJSON.shape.schema),
    ("bench-report", ResultsJSON.shape.schema),
    ("bench-report-joined", JoinedLoad.schema),
    ("bench-compare", ComparisonJSON.shape.schema),
    ("improve", SearchDocument.schema),
  ]

  package static var document: JSON {
    let definitions =
      documents.map { JSON.Member(key: $0.command, value: Envelope.schema(around: $0.schema)) }
      + [
        JSON.Member(
          key: "error", value: Envelope.schema(around: ErrorDocument.shape.schema, isError: true)),
        JSON.Member(key: "envelope", value: Envelope.shape.schema),
        JSON.Member(key: "problem", value: Problem.shape.schema),
        JSON.Member(key: "absent", value: Shape<Absence>.absence.schema),
      ]
    return .object([
      "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
      "$id": .string("urn:rxtune:schema:\(version)"),
      "title": .string("rxtune --json, version \(version)"),
      "description": .string(
        "What rxtune COMMAND --json prints is valid by the definition of that name; what it prints "
          + "with exit status 1 or 64 has the member error, and may be an error alone."),
      "$defs": .object(definitions),
    ])
  }
}
