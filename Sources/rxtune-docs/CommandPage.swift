import Commands
import Diagnosis

/// The manual page of one command, with all of its subcommands.
struct CommandPage {
  private let command: ToolInfo.Command
  private let tool: ToolInfo.Command
  private let discussion: Discussion

  init(_ command: ToolInfo.Command, of tool: ToolInfo.Command) {
    self.command = command
    self.tool = tool
    discussion = Discussion(command.discussion ?? "")
  }

  var text: String {
    var page = Mdoc(
      "\(tool.commandName)-\(command.commandName)", section: 1, date: Release.date,
      version: Release.version)
    page.macro("Sh", "NAME")
    page.macro("Nm", "\(tool.commandName)-\(command.commandName)")
    page.macro("Nd", Self.bare(command.abstract))
    page.macro("Sh", "SYNOPSIS")
    for form in forms { Self.synopsis(form.command, form.name, &page) }
    page.macro("Sh", "DESCRIPTION")
    page.blocks(
      discussion.blocks.isEmpty ? [.paragraph(command.abstract ?? "")] : discussion.blocks)
    for form in forms.dropFirst(command.shownSubcommands.isEmpty ? 1 : 0) {
      Self.describe(form.command, form.name, &page)
    }
    if command.commandName == "doctor" { Self.rules(&page) }
    page.macro("Sh", "OPTIONS")
    Self.options(forms.flatMap(\.command.shownArguments), &page)
    environment(&page)
    files(&page)
    exitStatus(&page)
    examples(&page)
    seeAlso(&page)
    return page.text
  }

  private struct Form {
    /// "rxtune profile check"
    var name: String
    var command: ToolInfo.Command
  }

  /// The command, or where it only holds others, these.
  private var forms: [Form] {
    func forms(_ command: ToolInfo.Command, _ name: String) -> [Form] {
      let name = name + " " + command.commandName
      let below = command.shownSubcommands
      return below.isEmpty
        ? [Form(name: name, command: command)] : below.flatMap { forms($0, name) }
    }
    return forms(command, tool.commandName)
  }

  static func bare(_ abstract: String?) -> String {
    let text = abstract ?? ""
    let first = text.prefix(1).lowercased() + text.dropFirst()
    return first.hasSuffix(".") ? String(first.dropLast()) : first
  }

  /// ".Nm rxtune get" and an argument a line.
  static func synopsis(_ command: ToolInfo.Command, _ name: String, _ page: inout Mdoc) {
    page.line(".Nm " + Mdoc.escaped(name))
    for argument in command.shownArguments {
      let usage = Self.usage(argument)
      page.line(argument.isOptional ? ".Op \(usage)" : ".\(usage)")
    }
  }

  /// "Fl -stage Ar stage ..." without the leading dot.
  private static func usage(_ argument: ToolInfo.Argument) -> String {
    let more = argument.isRepeating ? " ..." : ""
    let value = "Ar " + Mdoc.escaped(argument.valueName ?? "value") + more
    guard argument.kind != .positional, let name = argument.preferredName else { return value }
    let flag = "Fl " + Mdoc.escaped(name.flag)
    return argument.kind == .flag ? flag : flag + " " + value
  }

  /// What a subcommand of the command does, in its own words.
  private static func describe(_ command: ToolInfo.Command, _ name: String, _ page: inout Mdoc) {
    page.line(".Ss " + Mdoc.escaped(name))
    page.prose(command.abstract ?? "")
    let blocks = Discussion(command.discussion ?? "").blocks
    if !blocks.isEmpty {
      page.macro("Pp")
      page.blocks(blocks)
    }
  }

  /// One entry an argument; arguments that several subcommands share stand once.
  static func options(_ arguments: [ToolInfo.Argument], _ page: inout Mdoc) {
    page.line(".Bl -tag -width Ds")
    var seen: Set<String> = []
    for group in pairs(arguments) {
      let tag = group.map(Self.tag).joined(separator: " , ")
      guard let argument = group.first, seen.insert(tag).inserted else { continue }
      page.line(".It \(tag)")
      page.prose(Self.meaning(of: argument))
      if let discussion = argument.discussion, !discussion.isEmpty { page.prose(discussion) }
    }
    common(&page)
    page.line(".It Fl h , Fl \\-help")
    page.prose("Show help.")
    page.macro("El")
  }

  /// What every command takes.
  static func common(_ page: inout Mdoc) {
    for option in CommonOption.all {
      let names = option.names.map { "Fl " + Mdoc.escaped(String($0.dropFirst())) }
      page.line(
        ".It " + names.joined(separator: " , ")
          + (option.valueName.map { " Ar " + Mdoc.escaped($0) } ?? ""))
      page.prose(option.summary)
    }
  }

  /// A flag and what turns it off together, everything else alone.
  private static func pairs(_ arguments: [ToolInfo.Argument]) -> [[ToolInfo.Argument]] {
    var groups: [[ToolInfo.Argument]] = []
    for argument in arguments {
      if let last = groups.last?.first, let name = last.preferredName?.name,
        argument.preferredName?.name == "no-" + name
      {
        groups[groups.count - 1].append(argument)
      } else {
        groups.append([argument])
      }
    }
    return groups
  }

  private static func tag(_ argument: ToolInfo.Argument) -> String {
    let names = (argument.names ?? []).map { "Fl " + Mdoc.escaped($0.flag) }
    let tag = names.joined(separator: " , ")
    guard argument.kind != .flag else { return tag }
    return tag + (tag.isEmpty ? "" : " ") + "Ar " + Mdoc.escaped(argument.valueName ?? "value")
  }

  /// "How long each run is measured. (default: 5s)", and the values that it does not name itself.
  private static func meaning(of argument: ToolInfo.Argument) -> String {
    let abstract = argument.abstract ?? ""
    let values = argument.allValues ?? []
    let named = values.allSatisfy { abstract.contains($0) }
    return abstract + (named ? "" : " One of \(values.joined(separator: ", ")).")
      + (argument.defaultValue.map { " (default: \($0))" } ?? "")
  }

  /// What `doctor` looks for.
  private static func rules(_ page: inout Mdoc) {
    page.macro("Sh", "RULES")
    page.line(".Bl -tag -width Ds")
    for rule in Rule.all {
      page.line(".It " + Mdoc.escaped(rule.id))
      page.prose("\(rule.title) (\(rule.kind.rawValue)). \(rule.document).")
    }
    page.macro("El")
  }

  /// Whether the command, or one below it, has an option of that name.
  private func takes(_ option: String) -> Bool {
    forms.flatMap(\.command.shownArguments).contains { $0.preferredName?.name == option }
  }

  /// A variable that a manual page names.
  struct Variable {
    var name: String
    var meaning: String

    static let state = Variable(
      name: "RXTUNE_STATE_DIR",
      meaning: "Directory of the change journals, where --state-dir names none.")
    static let noColour = Variable(
      name: "NO_COLOR", meaning: "If not empty, nothing is coloured unless --color says so.")
    static let terminal = Variable(
      name: "TERM", meaning: "Where it is dumb or empty, nothing is coloured or redrawn.")
    static let columns = Variable(name: "COLUMNS", meaning: "Width of help.")
    static let libexec = Variable(
      name: "RXTUNE_LIBEXEC", meaning: "Directory of rxtune-lwip, rxtune-dpdk and rxtune-mtcp.")
    static let notify = Variable(
      name: "NOTIFY_SOCKET",
      meaning: "Socket that rxtune bench serve tells when it listens, as sd_notify(3) does.")

    static let all = [state, noColour, terminal, columns, libexec, notify]
  }

  private func environment(_ page: inout Mdoc) {
    var variables: [Variable] = takes("state-dir") ? [.state] : []
    variables += [.noColour, .terminal]
    if command.commandName == "bench" { variables += [.libexec, .notify] }
    Self.environment(variables, &page)
  }

  static func environment(_ variables: [Variable], _ page: inout Mdoc) {
    page.macro("Sh", "ENVIRONMENT")
    page.line(".Bl -tag -width Ds")
    for variable in variables {
      page.line(".It Ev " + Mdoc.escaped(variable.name))
      page.prose(variable.meaning)
    }
    page.macro("El")
  }

  private func files(_ page: inout Mdoc) {
    var files: [KnownFile] = []
    if forms.contains(where: { $0.command.shownArguments.contains { $0.valueName == "profile" } }) {
      files.append(.profiles)
    }
    if takes("state-dir") { files.append(.journals) }
    if takes("out") { files.append(.results) }
    if takes("json") { files.append(.schema) }
    Self.files(files, &page)
  }

  /// A file that a manual page names.
  enum KnownFile: String {
    case profiles = "/etc/rxtune/profiles"
    case journals = "/run/rxtune"
    case schema = "/usr/share/rxtune/rxtune.schema.json"
    case results = "rxtune-bench/results.jsonl"

    var meaning: String {
      switch self {
      case .profiles: "Profiles, a YAML file each; one here overrides a built-in one of its name."
      case .journals: "Journals of the changes since boot."
      case .schema: "JSON Schema of what --json prints, a definition for each command."
      case .results: "Results of a benchmark, in JSON Lines; --out names another directory."
      }
    }
  }

  static func files(_ files: [KnownFile], _ page: inout Mdoc) {
    guard !files.isEmpty else { return }
    page.macro("Sh", "FILES")
    page.line(".Bl -tag -width Ds")
    for file in files {
      page.line(".It Pa " + Mdoc.escaped(file.rawValue))
      page.prose(file.meaning)
    }
    page.macro("El")
  }

  private func exitStatus(_ page: inout Mdoc) {
    page.macro("Sh", "EXIT STATUS")
    page.line(".Bl -tag -width Ds")
    let given = forms.flatMap { Discussion($0.command.discussion ?? "").statuses }
    let own = discussion.statuses + given
    var statuses: [String: String] = [
      "0": "Success.", "1": "Failure; standard error says why.", "64": "Usage error.",
    ]
    if takes("dry-run") { statuses["2"] = "With --dry-run: there are changes to make." }
    for status in own { statuses[status.code] = status.meaning }
    for (code, meaning) in statuses.sorted(by: { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }) {
      page.macro("It", code)
      page.prose(meaning)
    }
    page.macro("El")
  }

  private func examples(_ page: inout Mdoc) {
    let nested = forms.filter { $0.command.commandName != command.commandName }
      .flatMap { Discussion($0.command.discussion ?? "").examples }
    let examples = discussion.examples + nested
    guard !examples.isEmpty else { return }
    page.macro("Sh", "EXAMPLES")
    Self.examples(examples, &page)
  }

  static func examples(_ examples: [Discussion.Example], _ page: inout Mdoc) {
    for (index, example) in examples.enumerated() {
      if index > 0 { page.macro("Pp") }
      if !example.meaning.isEmpty { page.prose(example.meaning) }
      page.line(".Dl " + Mdoc.escaped(example.command))
    }
  }

  private func seeAlso(_ page: inout Mdoc) {
    page.macro("Sh", "SEE ALSO")
    let others = tool.shownSubcommands.map(\.commandName).filter { $0 != command.commandName }
    let pages =
      ["\(tool.commandName) 1"] + others.sorted().map { "\(tool.commandName)\\-\($0) 1" }
      + ["rxtune\\-knobs 7"]
    Self.references(pages, &page)
  }

  /// - Parameter pages: "rxtune 1", by section and then by name.
  static func references(_ pages: [String], _ page: inout Mdoc) {
    for (index, name) in pages.enumerated() {
      page.line(".Xr \(name)" + (index < pages.count - 1 ? " ," : ""))
    }
  }
}
