import Commands
import Foundation
import Testing

/// The version stands in `Release`; what cannot read it there has to agree.
@Suite struct ReleaseTests {
  /// A file, and how its newest version stands in it.
  static let places: [(path: String, before: String, after: String)] = [
    ("CHANGELOG.md", "\n## ", " - "), ("packaging/debian/changelog", "rxtune (", ")"),
    ("packaging/rpm/rxtune.spec", "\nVersion: ", "\n"),
    ("packaging/rpm/rxtune.spec", "@rxtune.example> - ", "-1\n"),
  ]

  @Test(arguments: places)
  func allNameOneVersion(_ path: String, _ before: String, _ after: String) throws {
    #expect(try Self.version(path, before, after) == Release.version, "\(path)")
  }

  /// The collection lies in a folder by its name.
  @Test func theCollectionNamesItToo() throws {
    let root = GeneratedFilesTests.root + "/packaging/ansible"
    let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    for path in files where path.hasSuffix("galaxy.yml") {
      let version = try Self.version("packaging/ansible/\(path)", "\nversion: ", "\n")
      #expect(version == Release.version, "\(path)")
    }
  }

  private static func version(
    _ path: String, _ before: String, _ after: String
  ) throws -> String {
    let text = try String(contentsOfFile: GeneratedFilesTests.root + "/" + path, encoding: .utf8)
    let rest = try #require(text.range(of: before).map { text[$0.upperBound...] })
    return String(rest[..<(try #require(rest.range(of: after)).lowerBound)])
      .trimmingCharacters(in: ["\""])
  }
}
