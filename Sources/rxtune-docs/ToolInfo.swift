import FoundationEssentials

/// What ArgumentParser tells about a tool (`--experimental-dump-help`), as far as pages need it.
struct ToolInfo: Decodable {
  var command: Command

  init(dump: String) throws {
    self = try JSONDecoder().decode(ToolInfo.self, from: Data(dump.utf8))
  }

  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool
    var subcommands: [Command]?
    var arguments: [Argument]?

    /// Without `help`, which every tool has.
    var shownSubcommands: [Command] {
      (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }

    /// Without those that every command has.
    var shownArguments: [Argument] {
      (arguments ?? []).filter {
        $0.shouldDisplay && !["help", "version"].contains($0.preferredName?.name ?? "")
      }
    }
  }

  struct Argument: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }
    struct Name: Decodable {
      enum Kind: String, Decodable { case long, short, longWithSingleDash }
      var kind: Kind
      var name: String

      /// "-json" for --json: what mdoc's Fl takes.
      var flag: String { kind == .long ? "-" + name : name }
    }

    var kind: Kind
    var isOptional: Bool
    var isRepeating: Bool
    var shouldDisplay: Bool
    var names: [Name]?
    var preferredName: Name?
    var valueName: String?
    var defaultValue: String?
    var allValues: [String]?
    var abstract: String?
    var discussion: String?
  }
}
