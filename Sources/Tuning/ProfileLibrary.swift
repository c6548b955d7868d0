import KernelIO
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
    package var text: String
  }

  /// A built-in profile gives way to a file of its name.
  package func entries() -> [Entry] {
    var entries = files()
    for builtIn in Self.builtIn where !entries.contains(where: { $0.name == builtIn.name }) {
      entries.append(builtIn)
    }
    return entries
  }

  /// By name; or by path, where there is a "/" or a ".yaml" in it.
  package func entry(_ name: String) throws(TuningError) -> Entry {
    if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      do {
        return Entry(
          name: name, origin: name, text: String(decoding: try LocalFile.read(name), as: UTF8.self))
      } catch { throw .profile("\(error)") }
    }
    let entries = entries()
    guard let entry = entries.first(where: { $0.name == name }) else {
      let names = entries.map(\.name)
      let question = NearestNames.question(name, in: names)
      throw .profile(
        "no profile is called '\(name)'"
          + (question.isEmpty ? "; there are \(names.joined(separator: ", "))" : question))
    }
    return entry
  }

  package func profile(_ name: String) throws(TuningError) -> Profile {
    let entry = try entry(name)
    do { return try ProfileParser.parse(entry.text, file: entry.origin) } catch {
      throw .profile(error.description)
    }
  }

  private func files() -> [Entry] {
    guard let names = try? LocalDirectory.list(directory) else { return [] }
    return names.filter { $0.hasSuffix(".yaml") }.compactMap { name in
      let path = directory + "/" + name
      guard let bytes = try? LocalFile.read(path) else { return nil }
      return Entry(
        name: String(name.dropLast(5)), origin: path, text: String(decoding: bytes, as: UTF8.self))
    }
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
    Entry(name: name, origin: "built in", text: String(decoding: bytes, as: UTF8.self))
  }
}
