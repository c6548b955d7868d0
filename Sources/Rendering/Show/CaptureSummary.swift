/// `rxtune capture`: what was written.
package struct CaptureSummary: Document, Sendable {
  private let file: String
  private let exchanges: Int
  private let bytes: Int
  private let isRedacted: Bool

  package init(file: String, exchanges: Int, bytes: Int, isRedacted: Bool) {
    self.file = file
    self.exchanges = exchanges
    self.bytes = bytes
    self.isRedacted = isRedacted
  }

  package var lines: [String] { ["\(file): \(exchanges) exchanges with the kernel"] }

  package static let shape = Record<CaptureSummary>([
    Field("file", "The capture's file.", .string) { $0.file },
    Field("exchanges", "Questions to the kernel, with its answers.", .integer) { $0.exchanges },
    Field("bytes", "The file's size.", .integer) { $0.bytes },
    Field("redacted", "MAC and IP addresses are masked.", .bool) { $0.isRedacted },
  ]).shape
}
