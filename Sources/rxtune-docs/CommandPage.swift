import Commands

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
    page.paragraphs(
      discussion.paragraphs.isEmpty ? [command.abstract ?? ""] : discussion.paragraphs)
    for form in forms.dropFirst(command.shownSubcommands.isEmpty ? 1 : 0) {
      Self.describe(form.command, form.name, &page)
    }
    page.macro("Sh", "OPTIONS")
    Self.options(forms.flatMap(\.command.shownArguments), &page)
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
    let paragraphs = Discussion(command.discussion ?? "").paragraphs
    if !paragraphs.isEmpty {
      page.macro("Pp")
      page.paragraphs(paragraphs)
    }
  }

  /// One entry an argument; arguments that several subcommands share stand once.
  static func options(_ arguments: [ToolInfo.Argument], _ page: inout Mdoc) {
    page.line(".Bl -tag -width Ds")
    var seen: Set<String> = []
    for argument in arguments {
      let names = (argument.names ?? []).map { "Fl " + Mdoc.escaped($0.flag) }
      var tag = names.joined(separator: " , ")
      if argument.kind != .flag {
        tag += (tag.isEmpty ? "" : " ") + "Ar " + Mdoc.escaped(argument.valueName ?? "value")
      }
      guard seen.insert(tag).inserted else { continue }
      page.line(".It \(tag)")
      let (abstract, saidDefault) = Self.parts(of: argument.abstract ?? "")
      page.prose(abstract)
      if let discussion = argument.discussion, !discussion.isEmpty { page.prose(discussion) }
      if let values = argument.allValues, !values.isEmpty {
        page.prose("One of \(values.joined(separator: ", ")).")
      }
      if let value = argument.defaultValue ?? saidDefault { page.prose("The default is \(value).") }
    }
    page.line(".It Fl h , Fl \\-help")
    page.prose("Show help.")
    page.macro("El")
  }

  /// An abstract, and the default that it ends in: "How long. (default: 5s)".
  private static func parts(of abstract: String) -> (abstract: String, defaultValue: String?) {
    guard abstract.hasSuffix(")"), let start = abstract.firstRange(of: " (default: ") else {
      return (abstract, nil)
    }
    return (
      String(abstract[..<start.lowerBound]),
      String(abstract[start.upperBound...].dropLast())
    )
  }

  private func exitStatus(_ page: inout Mdoc) {
    page.macro("Sh", "EXIT STATUS")
    page.line(".Bl -tag -width Ds")
    let given = forms.flatMap { Discussion($0.command.discussion ?? "").statuses }
    let own = discussion.statuses + given
    var statuses: [String: String] = [
      "0": "Done.", "1": "Failed, with the reason on standard error.",
      "64": "The command line makes no sense.",
    ]
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
