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
      A profile is a YAML file in \(ProfileLibrary.directory); it overrides a built-in profile of \
      its name. It sets knobs to values, or to policies that rxtune resolves on the host, with a \
      reason for each line.

      Policies:
      \(Policy.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

      Examples:
        rxtune profile list
            List all profiles and where each comes from.
        rxtune profile show spread
            Print a built-in profile, to read or to copy.
        rxtune profile check ./web.yaml
            Check a file; errors name the line and column.
        rxtune profile save today eth0
            Save the current settings as a profile.
      """,
    subcommands: [List.self, Show.self, Check.self, Save.self])
}

extension ProfileCommand {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List profiles and where each comes from.")

    @Flag(help: "Print only the names, one per line.")
    var names = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
      if json && names { throw ValidationError("--json and --names exclude each other") }
    }

    func run() throws {
      if names {
        return print(try ProfileLibrary().entries().map(\.name).joined(separator: "\n"))
      }
      let list = ProfileList(try ProfileLibrary().entries())
      try print(
        list, as: OutputFormat(json: json),
        failing: list.isGood ? nil : Failure(said: "not every profile can be used", .badProfile))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Print a profile, with the reason and source of each line.")

    @Argument(help: "Name of a profile, or a file.", completion: Completions.profiles)
    var profile: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      try print(ProfileText(try ProfileLibrary().entry(profile)), as: OutputFormat(json: json))
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check a profile; report errors by line and column.")

    @Argument(help: .profile, completion: Completions.profiles)
    var profile: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      let check = ProfileCheck(
        profile, try ProfileLibrary().profile(profile, orStandardInput: true))
      try print(check, as: OutputFormat(json: json))
    }
  }

  struct Save: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "save", abstract: "Save a device's current settings as a profile.")

    @Argument(help: "Name of the profile, or a file; - prints it.")
    var name: String

    @Argument(help: "Device.", completion: Completions.devices)
    var device: String

    @Flag(name: .long, help: "Replace an existing profile.")
    var force = false

    @Flag(help: "Print JSON.")
    var json = false

    @Option(name: .customLong("from"), help: .capture, completion: .file())
    var capture: String?

    func validate() throws {
      if json && name == "-" { throw ValidationError("--json needs a file: - prints the profile") }
    }

    func run() throws {
      let host = try Host.from(capture)
      let link = try host.device(named: device)
      let file = try ProfileFile(name)
      let text = ProfileWriter(HostSettings(host), device: link.name)
        .text(name: file.stem, summary: "As \(link.name) was found")
      try file.write(text, replacing: force)
      let path = file.path
      if path != "-" {
        try print(SavedProfile(file: path, device: link.name), as: OutputFormat(json: json))
      }
    }
  }
}
