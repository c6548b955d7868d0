import Commands
import Knobs

/// rxtune(1): the tool as a whole, and the way to the other pages.
struct MainPage {
  private let tool: ToolInfo.Command

  init(_ tool: ToolInfo.Command) {
    self.tool = tool
  }

  var text: String {
    var page = Mdoc(tool.commandName, section: 1, date: Release.date, version: Release.version)
    let discussion = Discussion(tool.discussion ?? "")
    page.macro("Sh", "NAME")
    page.macro("Nm", tool.commandName)
    page.macro("Nd", CommandPage.bare(tool.abstract))
    page.macro("Sh", "SYNOPSIS")
    page.macro("Nm")
    page.line(".Ar command")
    page.line(".Op Ar argument ...")
    page.macro("Sh", "DESCRIPTION")
    page.blocks(discussion.blocks)
    page.macro("Ss", "Commands")
    page.prose("Each command has a page of its own, such as rxtune-get(1).")
    page.line(".Bl -tag -width Ds")
    for command in tool.shownSubcommands {
      page.line(".It Cm " + Mdoc.escaped(command.commandName))
      page.prose(command.abstract ?? "")
    }
    page.macro("El")
    page.macro("Sh", "OPTIONS")
    page.line(".Bl -tag -width Ds")
    CommandPage.common(&page)
    page.line(".It Fl V , Fl \\-version")
    page.prose("Show the version, the commit where it is known, and the version of the schema.")
    page.line(".It Fl h , Fl \\-help")
    page.prose("Show help; after a command, its help.")
    page.macro("El")
    CommandPage.environment(CommandPage.Variable.all, &page)
    CommandPage.files([.profiles, .journals, .results, .schema], &page)
    page.macro("Sh", "EXIT STATUS")
    page.line(".Bl -tag -width Ds")
    for (code, meaning) in [
      ("0", "Success, or nothing to do."), ("1", "Failure; standard error says why."),
      ("2", "There is a difference: changes to make, or a setting that does not hold."),
      ("64", "Usage error."),
    ] {
      page.macro("It", code)
      page.prose(meaning)
    }
    page.macro("El")
    page.macro("Sh", "EXAMPLES")
    CommandPage.examples(discussion.examples, &page)
    page.macro("Sh", "SEE ALSO")
    let pages =
      tool.shownSubcommands.map { "rxtune\\-\($0.commandName) 1" }.sorted()
      + ["rxtune\\-knobs 7", "rxtune\\-path 7", "ethtool 8", "ip 8"]
    CommandPage.references(pages, &page)
    return page.text
  }
}
