package import Tuning

/// `rxtune profile list`.
package struct ProfileList: Document {
  private let entries: [(entry: ProfileLibrary.Entry, profile: Result<Profile, any Error>)]

  package init(_ entries: [ProfileLibrary.Entry]) {
    self.entries = entries.map { entry in
      (entry, Result { try ProfileParser.parse(entry.text(), file: entry.origin) })
    }
  }

  /// Each can be read, and is a profile.
  package var isGood: Bool { entries.allSatisfy { $0.profile.summary != nil } }

  package var lines: [String] {
    var table = Table([.left("NAME"), .left("FROM"), .left("SUMMARY")])
    for (entry, profile) in entries {
      table.add([entry.name, entry.origin, profile.summary ?? profile.error])
    }
    return table.lines()
  }

  package static let shape = Record<ProfileList>([
    Field(
      "profiles", "Whether a file overrides a built-in profile of its name.",
      .array(of: row)
    ) { $0.entries }
  ]).shape

  private static let row = Record<
    (entry: ProfileLibrary.Entry, profile: Result<Profile, any Error>)
  >([
    Field("name", "The profile's name.", .string) { $0.entry.name },
    Field("from", "Its file, or built in.", .string) { $0.entry.origin },
    Field(optional: "summary", "What it is for.", .string) { $0.profile.summary },
    Field(optional: "error", "Why it cannot be used.", .string) { $0.profile.error },
  ]).shape
}

extension Result<Profile, any Error> {
  fileprivate var summary: String? { (try? get())?.summary }
  fileprivate var error: String? { if case .failure(let error) = self { "\(error)" } else { nil } }
}

/// `rxtune profile show`: the file as it is.
package struct ProfileText: Document {
  private let entry: ProfileLibrary.Entry
  private let text: String

  package init(_ entry: ProfileLibrary.Entry) throws(ProfileError) {
    self.entry = entry
    text = try entry.text()
  }

  package var lines: [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return text.hasSuffix("\n") ? lines.dropLast() : lines
  }

  package static let shape = Record<ProfileText>([
    Field("name", "The profile's name.", .string) { $0.entry.name },
    Field("from", "Its file, or built in.", .string) { $0.entry.origin },
    Field("text", "The profile, in YAML.", .string) { $0.text },
  ]).shape
}

/// `rxtune profile check`.
package struct ProfileCheck: MarkedDocument {
  private let name: String
  private let profile: Profile
  private let caveats: [Caveat]

  /// - Parameter name: as it was given.
  package init(_ name: String, _ profile: Profile) {
    self.name = name
    self.profile = profile
    caveats = Prerequisites(profile).caveats
  }

  package var marked: [String] {
    let notes = CaveatGroup.lines(caveats)
    let count = notes.count
    return notes + [
      "\(name): \(profile.requests.count) settings, "
        + (count == 0 ? "nothing wrong." : "\(count) note\(count == 1 ? "" : "s").")
    ]
  }

  package static let shape = Record<ProfileCheck>([
    Field("name", "The profile's name.", .string) { $0.profile.name },
    Field("settings", "How many settings it has.", .integer) { $0.profile.requests.count },
    Field("caveats", "What its author should know.", .array(of: .caveat)) {
      $0.caveats
    },
  ]).shape
}

/// `rxtune profile save`.
package struct SavedProfile: Document, Sendable {
  private let file: String
  private let device: String

  package init(file: String, device: String) {
    self.file = file
    self.device = device
  }

  package var lines: [String] { [file] }

  package static let shape = Record<SavedProfile>([
    Field("file", "The profile's file.", .string) { $0.file },
    Field("device", "The device whose settings it holds.", .string) { $0.device },
  ]).shape
}
