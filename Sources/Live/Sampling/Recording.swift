package import KernelIO
import Notation

/// Samples in a file, as JSON Lines: `{"configuration": …}`, then `{"sample": …}` for each, and
/// another configuration where it changed in between.
package enum Recording {
  /// Raised when an older rxtune could not read what a newer one writes.
  package static let format = 1

  enum Line: Codable, Sendable {
    case configuration(LiveConfiguration, format: Int)
    case sample(Sample)

    private enum Kind: String, CodingKey { case configuration, sample, format }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Kind.self)
      if container.contains(.sample) {
        self = .sample(try container.decode(Sample.self, forKey: .sample))
      } else {
        self = .configuration(
          try container.decode(LiveConfiguration.self, forKey: .configuration),
          format: try container.decode(Int.self, forKey: .format))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Kind.self)
      switch self {
      case .sample(let sample): try container.encode(sample, forKey: .sample)
      case .configuration(let configuration, let format):
        try container.encode(configuration, forKey: .configuration)
        try container.encode(format, forKey: .format)
      }
    }
  }

  /// - Parameter name: the file's, for errors.
  package static func decode(
    _ bytes: [UInt8], from name: String
  ) throws(RecordingError) -> Timeline {
    var timeline = Timeline(limit: nil)
    var configuration: LiveConfiguration?
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      let number = index + 1
      let decoded: Line
      do { decoded = try JSON(parsing: line).decode() } catch {
        let isCut = number == lines.count && index > 0
        throw RecordingError(
          isCut
            ? "\(name) line \(number) is cut short; replay the rest of it with "
              + "head -n \(index) \(name) | rxtune top --from -"
            : "\(name) line \(number) is neither a configuration nor a sample of rxtune top: "
              + DecodingError.reason(error))
      }
      switch decoded {
      case .configuration(let found, let format):
        guard format <= Self.format else {
          throw RecordingError(
            "\(name) line \(number) has format \(format); this rxtune reads up to \(Self.format)")
        }
        configuration = found
      case .sample(let sample):
        guard let configuration else {
          throw RecordingError("\(name) line \(number): a sample without a configuration before it")
        }
        timeline.append(sample, configuration)
      }
    }
    guard !timeline.indices.isEmpty else { throw RecordingError("\(name) holds no sample") }
    return timeline
  }
}

package struct RecordingError: Error, Hashable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

/// Writes samples to a new file as they come, each with one write(2).
package final class RecordingWriter {
  private let file: AppendedFile
  private let path: String
  private let limit: Int
  private var written = 0
  private var configuration: LiveConfiguration?

  /// - Parameter limit: in bytes: more than that no replay would read.
  /// - Throws: EEXIST where the file is there already.
  package init(
    _ path: String, limit: Int = LocalFile.Content.recording.limit
  ) throws(KernelError) {
    file = try AppendedFile(creating: path)
    self.path = path
    self.limit = limit
  }

  /// - Throws: EFBIG where the file is full; what it holds can be replayed.
  package func append(
    _ sample: Sample, _ configuration: LiveConfiguration
  ) throws(KernelError) {
    var lines: [UInt8] = []
    if configuration != self.configuration {
      lines += Self.encode(.configuration(configuration, format: Recording.format))
    }
    lines += Self.encode(.sample(sample))
    guard written + lines.count <= limit else {
      let bound = LocalFile.Content.recording.bound
      throw KernelError("write", "\(path) (full: \(bound))", .tooLarge)
    }
    try file.append(lines)
    written += lines.count
    self.configuration = configuration
  }

  private static func encode(_ line: Recording.Line) -> [UInt8] {
    // Of whole numbers, words and lists alone, which JSON can always tell.
    guard let json = try? JSON(encoding: line) else { return [] }
    return Array(json.line().utf8) + [UInt8(ascii: "\n")]
  }
}
