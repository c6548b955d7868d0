import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering
import Tuning

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "List, show, check and save profiles.",
    discussion: """
      Profiles are YAML files in \(ProfileLibrary.directory); those that are built in give way to \
      files of their name. Each names knobs and values, or placement policies that are resolved \
      against the host, with the reason of each line.

      Examples:
        rxtune profile list
            All profiles, and where each is from.
        rxtune profile show spread
            A built-in one, to read or to copy.
        rxtune profile check ./web.yaml
            Where a file is wrong, by line and column.
        rxtune profile save today eth0
            What is there now, as a profile.
      """,
    subcommands: [List.self, Show.self, Check.self, Save.self])
}

extension ProfileCommand {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List profiles and where each comes from.")

    @Flag(help: "Print the names alone, one a line.")
    var names = false

    func run() throws {
      if names {
        return print(try ProfileLibrary().entries().map(\.name).joined(separator: "\n"))
      }
      var table = Table([.left("NAME"), .left("FROM"), .left("SUMMARY")])
      var isGood = true
      for entry in try ProfileLibrary().entries() {
        do {
          let profile = try ProfileParser.parse(entry.text(), file: entry.origin)
          table.add([entry.name, entry.origin, profile.summary])
        } catch {
          isGood = false
          table.add([entry.name, entry.origin, "\(error)"])
        }
      }
      print(table.lines().joined(separator: "\n"))
      if !isGood { throw ExitCode.failure }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a profile, with the reason and source of each line.")

    @Argument(help: "A profile's name, or a file.", completion: Completions.profiles)
    var profile: String

    func run() throws {
      print(try ProfileLibrary().entry(profile).text(), terminator: "")
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a profile; report errors by line and column.")

    @Argument(help: "A profile's name, or a file.", completion: Completions.profiles)
    var profile: String

    func run() throws {
      let checked = try ProfileLibrary().profile(profile)
      let notes = PlanText.lines(Companions(checked).findings)
      for note in notes { print(note) }
      let count = notes.count
      print(
        "\(profile): \(checked.requests.count) settings, "
          + (count == 0 ? "nothing wrong." : "\(count) note\(count == 1 ? "" : "s")."))
    }
  }

  struct Save: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Save a device's current settings as a profile.")

    @Argument(help: "The profile's name; or a file; - prints it.")
    var name: String

    @Argument(help: "The device.", completion: Completions.devices)
    var device: String

    @Flag(name: .long, help: "Replace an existing profile.")
    var force = false

    @OptionGroup var kernel: KernelOptions

    func run() throws {
      let host = try kernel.host()
      let link = try host.device(named: device)
      let isPath = name.contains("/") || name == "-" || name.hasSuffix(".yaml")
      guard isPath || Self.isName(name) else {
        throw ValidationError("a profile's name has letters, digits, '-' and '_' only")
      }
      let path = isPath ? name : "\(ProfileLibrary.directory)/\(name).yaml"
      let text = ProfileWriter(HostSettings(host), device: link.name)
        .text(name: Self.stem(name), summary: "As \(link.name) was found")
      if !isPath { try LocalDirectory.make(ProfileLibrary.directory) }
      if !force, name != "-", LocalFile.exists(path) {
        throw Failure("\(path) is there already: --force replaces it")
      }
      try LocalFile.write(path, Array(text.utf8))
    }

    private static func isName(_ name: String) -> Bool {
      !name.isEmpty
        && name.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
          default: false
          }
        }
    }

    private static func stem(_ name: String) -> String {
      let last = name.split(separator: "/").last.map(String.init) ?? name
      return last == "-" ? "saved" : String(last.prefix { $0 != "." })
    }
  }
}
