import TestSupport
import TestTraits
import Testing

/// What the shells themselves offer while a command line is typed.
@Suite("Completions", .ownThread) struct CompletionTests {
  struct Shell: Sendable, CustomStringConvertible {
    var description: String
    /// Prints what is offered behind `line`, in a folder of its own; COMPLETIONS is the scripts'.
    var script: @Sendable (_ line: String) -> String
  }

  private static let shells = [
    Shell(description: "bash") { line in
      """
      bash -c 'source COMPLETIONS/rxtune; COMP_LINE="\(line)"; COMP_POINT=${#COMP_LINE}
      read -ra COMP_WORDS <<<"$COMP_LINE"; [[ $COMP_LINE == *" " ]] && COMP_WORDS+=("")
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_TYPE=9
      _rxtune rxtune "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf "%s\\n" "${COMPREPLY[@]}"'
      """
    },
    Shell(description: "fish") { line in
      "fish -c 'source COMPLETIONS/rxtune.fish; complete -C \"\(line)\"'"
    },
    // Only its line editor completes: it gets a terminal, and Ctrl-D, which lists.
    Shell(description: "zsh") { line in
      """
      python3 -c '
      import os, pty, select, sys, time
      pid, terminal = pty.fork()
      if pid == 0:
          os.environ.update(TERM="dumb", PS1="")
          os.execvp("zsh", ["zsh", "-f", "-i"])
      def read(mark, limit):
          text, end = b"", time.time() + limit
          while mark not in text and time.time() < end:
              if select.select([terminal], [], [], 0.1)[0]:
                  text += os.read(terminal, 4096)
          return text
      os.write(terminal, b"stty cols 200; fpath=(COMPLETIONS $fpath); autoload -U compinit; "
               b"compinit -u -D; PS1=PROM\\"\\"PT; echo\\n")
      read(b"PROMPT", 60)
      os.write(terminal, b"\(line)\\x04")
      # Behind the list the line stands once more.
      sys.stdout.write(read(b"PROMPT\(line)", 60).decode(errors="replace"))
      os.kill(pid, 9)'
      """
    },
  ]

  @Test(
    .enabled(if: TestSupport.Shell.has("python3 --version"), "needs python3"),
    arguments: shells,
    [
      ("rollback ", ["20260101-000000", "20260102-000000"], ["lo"]),
      ("confirm 20260102", ["20260102-000000"], ["20260101-000000"]),
      ("apply ", ["spread", "latency", "mine.yaml"], ["lo"]),
      ("profile check ", ["throughput", "mine.yaml"], ["lo"]),
      ("apply spread ", ["lo"], ["latency"]),
    ] as [(String, [String], [String])])
  func profilesAndChangesAreOffered(
    shell: Shell, example: (line: String, offered: [String], not: [String])
  ) throws {
    guard TestSupport.Shell.has("\(shell) --version") else { return }
    let folder = try TestSupport.Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? TestSupport.Shell.run("rm -rf '\(folder)'") }
    let script = shell.script("rxtune " + example.line)
      .replacing("COMPLETIONS", with: GeneratedFilesTests.root + "/completions")
    // With a profile beside, and without any.
    for file in ["mine.yaml", "other"] {
      let output = try TestSupport.Shell.run(
        """
        cd '\(folder)' && mkdir -p s work && rm -f work/* && cd work && touch \(file) \
        ../s/20260101-000000.journal ../s/20260102-000000.journal
        export RXTUNE_STATE_DIR='\(folder)/s' PATH="$(dirname \(Program.rxtune)):$PATH"
        \(script)
        """)
      let words = Set(
        output.split { $0.isWhitespace }.map(String.init))
      for word in example.offered where word != "mine.yaml" || file == word {
        #expect(words.contains(word), "\(shell), \(example.line), \(file): \(output)")
      }
      for word in example.not { #expect(!words.contains(word), "\(shell): \(output)") }
    }
  }
}
