package import KernelIO
import Knobs

/// Where profiles come from: files of the administrator's first, then those that are built in.
package struct ProfileLibrary {
  package static let directory = "/etc/rxtune/profiles"
  private let directory: String

  package init(directory: String = ProfileLibrary.directory) {
    self.directory = directory
  }

  /// One profile of the library.
  package struct Entry: Hashable, Sendable {
    package var name: String
    /// A path, or "built in".
    package var origin: String
    /// What it holds, or why it cannot be read.
    package var contents: Result<String, KernelError>

    /// - Throws: where it cannot be read: nothing takes its place.
    package func text() throws(ProfileError) -> String {
      do { return try contents.get() } catch { throw ProfileError(error) }
    }
  }

  /// A built-in profile gives way to a file of its name.
  ///
  /// - Throws: where the directory of files is there and cannot be listed.
  package func entries() throws(ProfileError) -> [Entry] {
    var entries = try files()
    for builtIn in Self.builtIn where !entries.contains(where: { $0.name == builtIn.name }) {
      entries.append(builtIn)
    }
    return entries
  }

  /// By name; or by path, where there is a "/" or a ".yaml" in it.
  ///
  /// - Parameter orStandardInput: whether "-" is that, rather than a name.
  package func entry(
    _ name: String, orStandardInput: Bool = false
  ) throws(ProfileError) -> Entry {
    if name == "-" && orStandardInput {
      return Self.entry(name, at: "standard input") { () throws(KernelError) in
        try LocalFile.read(name, as: .profile)
      }
    }
    if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      return Self.entry(name, at: name) { () throws(KernelError) in
        try LocalFile.read(name, as: .profile)
      }
    }
    let entries = try entries()
    guard let entry = entries.first(where: { $0.name == name }) else {
      let names = entries.map(\.name)
      let question = NearestNames.question(name, in: names)
      throw ProfileError(
        "there is no profile '\(name)'"
          + (question.isEmpty ? "; there are \(names.joined(separator: ", "))" : question),
        isUnknown: true)
    }
    return entry
  }

  /// As `entry`, parsed.
  package func profile(
    _ name: String, orStandardInput: Bool = false
  ) throws(ProfileError) -> Profile {
    let entry = try entry(name, orStandardInput: orStandardInput)
    let text = try entry.text()
    return try ProfileParser.parse(text, file: entry.origin)
  }

  /// One that cannot be read keeps its name: what it stands for is not what is built in.
  private func files() throws(ProfileError) -> [Entry] {
    let names: [String]
    do { names = try LocalDirectory.list(directory) } catch {
      if error.errno == .noEntry { return [] }
      throw ProfileError(error)
    }
    return names.filter { $0.hasSuffix(".yaml") }.map { name in
      let path = directory + "/" + name
      return Self.entry(String(name.dropLast(5)), at: path) { () throws(KernelError) in
        try LocalFile.readFound(path, as: .profile)
      }
    }
  }

  private static func entry(
    _ name: String, at path: String, _ read: () throws(KernelError) -> [UInt8]
  ) -> Entry {
    do throws(KernelError) {
      let text = String(decoding: try read(), as: UTF8.self)
      return Entry(name: name, origin: path, contents: .success(text))
    } catch { return Entry(name: name, origin: path, contents: .failure(error)) }
  }

  package static let builtIn: [Entry] = [
    entry("spread", PackageResources.spread_yaml),
    entry("throughput", PackageResources.throughput_yaml),
    entry("latency", PackageResources.latency_yaml),
    entry("single-queue", PackageResources.single_queue_yaml),
    entry("busy-poll", PackageResources.busy_poll_yaml),
    entry("listener", PackageResources.listener_yaml),
  ]

  private static func entry(_ name: String, _ bytes: [UInt8]) -> Entry {
    Entry(
      name: name, origin: "built in", contents: .success(String(decoding: bytes, as: UTF8.self)))
  }
}
