import Testing

@testable import rxtune_docs

@Suite("Pages") struct PageTests {
  @Test func discussionsFallIntoProseExamplesAndStatuses() {
    let discussion = Discussion(
      """
      First line \
      goes on.
      Same paragraph.

      Second one.

      Modes:
        one: the first; it
            goes on
        there$ rxtune bench load

      Examples:
        rxtune get a
            What it does,
            in two lines.
        rxtune get b

      Exit status:
        1  Failed.
        2  There is
           a difference.
      """)
    #expect(
      discussion.blocks == [
        .paragraph("First line goes on. Same paragraph."), .paragraph("Second one."),
        .paragraph("Modes:"), .item(term: "one", text: "the first; it goes on"),
        .literal("there$ rxtune bench load"),
      ])
    #expect(
      discussion.examples == [
        .init(command: "rxtune get a", meaning: "What it does, in two lines."),
        .init(command: "rxtune get b", meaning: ""),
      ])
    #expect(
      discussion.statuses == [
        .init(code: "1", meaning: "Failed."), .init(code: "2", meaning: "There is a difference."),
      ])
  }

  @Test(arguments: [
    (".hidden", "\\&.hidden"), ("'quote", "\\&'quote"), ("a-b", "a\\-b"), ("C:\\x", "C:\\ex"),
    ("one – two…", "one \\(en two..."), ("é", "\\[u00E9]"),
    ("print \"a\"", "print \\(dqa\\(dq"),
  ])
  func roffIsEscaped(text: String, roff: String) {
    #expect(Mdoc.escapedLine(text) == roff)
  }

  @Test func sentencesEndAtFullStops() {
    #expect(
      Mdoc.sentences("One. Two (see three.) 1.5 is no end? \"Four.\" five")
        == ["One.", "Two (see three.)", "1.5 is no end?", "\"Four.\"", "five"])
  }

  @Test func commandsOfTheGuideAreAnsweredBehindTheirMarkers() throws {
    let page = """
      # Title
      <!-- run 2: rxtune show eth0 --stage rss --from igb -->
      ```
      old
      ```
      ```
      by hand
      ```
      <!-- run: rxtune flow eth0 'tcp 1.2.3.4:5 > 6.7.8.9:10' --from Moments/x -->
      ```
      ```
      """
    let filled = try Guide.filled(page, "page.md") { run in
      [Substring(run.arguments), "two", "three", ""]
    }
    #expect(
      filled == """
        # Title
        <!-- run 2: rxtune show eth0 --stage rss --from igb -->
        ```
        $ rxtune show eth0 --stage rss
        show eth0 --stage rss --from igb
        two
        …
        ```
        ```
        by hand
        ```
        <!-- run: rxtune flow eth0 'tcp 1.2.3.4:5 > 6.7.8.9:10' --from Moments/x -->
        ```
        $ rxtune flow eth0 'tcp 1.2.3.4:5 > 6.7.8.9:10'
        flow eth0 'tcp 1.2.3.4:5 > 6.7.8.9:10' --from Moments/x
        two
        three
        ```
        """)
    #expect(
      try Guide.filled(filled, "page.md") { [Substring($0.arguments), "two", "three", ""] }
        == filled)
    #expect(Guide.runs(page).count == 2)
    #expect(throws: Guide.Failure.self) {
      try Guide.filled("<!-- run: rxtune show -->\ntext", "page.md") { _ in [] }
    }
  }

  @Test func readmeTablesAreReplacedBetweenTheirMarkers() throws {
    let tool = try ToolInfo(
      dump: """
        {"command": {"commandName": "tool", "shouldDisplay": true, "subcommands": [
          {"commandName": "show", "abstract": "Shows.", "shouldDisplay": true},
          {"commandName": "help", "shouldDisplay": true},
          {"commandName": "secret", "shouldDisplay": false}]}}
        """)
    let tables = ReadmeTables(tool.command)
    let readme = "a\n<!-- commands:begin -->\nold\n<!-- commands:end -->\nb\n"
    let filled = try tables.filled(readme)
    #expect(
      filled == """
        a
        <!-- commands:begin -->
        | Command | What it does |
        | --- | --- |
        | `rxtune show` | Shows. |
        <!-- commands:end -->
        b

        """)
    #expect(try tables.filled(filled) == filled)
    #expect(try tables.filled("no markers") == "no markers")
    #expect(throws: ReadmeTables.Unbalanced.self) {
      try tables.filled("<!-- screen:end --> <!-- screen:begin -->")
    }
  }
}
