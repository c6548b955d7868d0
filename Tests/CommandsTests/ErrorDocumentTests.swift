import KernelIO
import Knobs
import TestSupport
import TestTraits
import Testing

@testable import Commands
@testable import Rendering
@testable import Tuning

/// What stops a command is a document under --json, beside the words that people read.
@Suite(
  "Error documents", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
struct ErrorDocumentTests {
  struct Case: Sendable, CustomStringConvertible {
    var arguments: String
    var status: Int32 = 1
    var kind: String
    var prose: String
    /// A member of the command's own document, which is printed all the same.
    var document: String?
    var description: String { arguments }
  }

  /// Runs a script on a veth, in a directory of its own with the state beside it.
  private func onVeth(_ body: (_ run: (String) throws -> Shell.Result) throws -> Void) throws {
    let scratch = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(scratch)'") }
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add v0 numrxqueues 2 type veth peer name v1")
      try body { script in
        try Shell.result(
          "cd '\(scratch)' && export RXTUNE_STATE_DIR='\(scratch)/s' && "
            + script.replacing("rxtune ", with: "\(Program.rxtune) "))
      }
    }
  }

  @Test(arguments: [
    Case(
      arguments: "show nosuch", kind: "no-such-device", prose: "no device 'nosuch' here"),
    Case(
      arguments: "show v0 nosuch", kind: "no-such-device", prose: "no device 'nosuch' here",
      document: "devices"),
    Case(arguments: "trace nosuch", kind: "no-such-device", prose: "no device 'nosuch' here"),
    Case(arguments: "get nosuch v0", status: 64, kind: "usage", prose: "\"nosuch\" is neither"),
    Case(arguments: "set v0", status: 64, kind: "usage", prose: "nothing to set"),
    Case(arguments: "shwo", status: 64, kind: "usage", prose: "there is no command 'shwo'"),
    Case(
      arguments: "get coalesce.rx-usecs v0", kind: "not-supported", prose: "", document: "knobs"),
    Case(arguments: "show --from /dev/null", kind: "bad-file", prose: "/dev/null: "),
    Case(arguments: "apply nosuch v0", kind: "no-such-profile", prose: "no profile 'nosuch'"),
    Case(arguments: "plan ./none.yaml v0", kind: "no-such-file", prose: "(ENOENT)"),
    Case(arguments: "profile check ./bad.yaml", kind: "bad-profile", prose: "bad.yaml:1:1: "),
    Case(arguments: "apply - v0 </dev/null", kind: "bad-profile", prose: "standard input:1:1: "),
    Case(
      arguments: "set coalesce.rx-usecs=8 v0", kind: "refused",
      prose: "the driver does not support it (EOPNOTSUPP). Nothing was changed."),
    Case(
      arguments: "set coalesce.rx-usecs=8 v0 --dry-run", kind: "refused", prose: "",
      document: "caveats"),
    Case(
      arguments: "set channels.rx=1 v0 --max-risk none", kind: "refused",
      prose: "is above --max-risk none. Nothing was changed."),
    Case(
      arguments: "rollback 20200101-000000", kind: "no-such-change",
      prose: "there is no change 20200101-000000. Try: rxtune history"),
    Case(arguments: "confirm", kind: "no-such-change", prose: "no change waits"),
    Case(
      arguments: "bench report ./none", kind: "no-such-file", prose: "(ENOENT)"),
  ])
  func eachIsOneDocument(_ row: Case) throws {
    try onVeth { run in
      _ = try run("echo '- x' >bad.yaml")
      let result = try run("rxtune \(row.arguments) --json 2>words")
      #expect(result.status == row.status, "\(result.output)")
      let document = try JSONDocument(parsing: result.output)
      let error = document["error"]
      #expect(error["kind"].string == row.kind, "\(result.output)")
      #expect(error["message"].string?.isEmpty == false && error["retry"].bool == false)
      #expect(document["rxtune"]["schema"].int == JSONSchema.version)
      if let member = row.document {
        #expect(document[member].exists, "\(result.output)")
      } else {
        #expect(result.output.count { $0 == "\n" } == 1, "\(result.output)")
      }
      // People are told the same without it.
      let words = try run("cat words; rxtune \(row.arguments)")
      #expect(words.status == row.status)
      #expect(words.output.contains(row.prose), "\(words.output)")
      guard JSONSchemaFile.isUsable, row.document == nil else { return }
      let valid = try JSONSchemaFile.validate("printf %s '\(result.output)'", is: "error")
      #expect(valid.status == 0, "\(valid.output)")
    }
  }

  @Test func aRefusalNamesKnobPlaceErrnoAndPlan() throws {
    try onVeth { run in
      let refused = try JSONDocument(
        parsing: run("rxtune set coalesce.rx-usecs=8 v0 --json 2>/dev/null").output)
      let error = refused["error"]
      #expect(error["knob"].string == "coalesce.rx-usecs")
      #expect(error["place"]["device"].string == "v0")
      #expect(error["errno"].string == "EOPNOTSUPP")
      #expect(refused["plan"]["caveats"][0]["severity"].string == "impossible")
    }
  }

  @Test func aChangeThatWaitsIsWorthAnotherTry() throws {
    try onVeth { run in
      let waiting = try JSONDocument(
        parsing: run("rxtune set link.mtu=1400 v0 --confirm-within 60s --json").output)
      #expect(waiting["state"].string == "awaiting-confirmation")
      let next = try run("rxtune set link.mtu=1300 v0 --json 2>/dev/null")
      let error = try JSONDocument(parsing: next.output)["error"]
      #expect(next.status == 1)
      #expect(error["kind"].string == "unconfirmed" && error["retry"].bool == true)
      #expect(error["message"].string?.hasSuffix("Nothing was changed.") == true)
      #expect(error["remedy"].string == "rxtune confirm, or rxtune rollback")
      #expect(try run("rxtune rollback").status == 0)
    }
  }

  /// What a controller needs that lost the answer: its own name for the change, and how long it
  /// waits.
  @Test func aChangeIsNamedByItsCallerAndSaysUntilWhenItWaits() throws {
    try onVeth { run in
      let profile = "name: p\nsummary: s\nsettings:\n  link.mtu: 1400\n"
      let apply = "printf '\(profile)' | rxtune apply - v0 --label 'play 7' --json"
      let made = try JSONDocument(parsing: run(apply + " --confirm-within 60s").output)
      #expect(made["state"].string == "awaiting-confirmation" && made["label"].string == "play 7")
      let deadline = try #require(made["deadline"].string)
      let waiting = try JSONDocument(parsing: run("rxtune history --json").output)["changes"][0]
      #expect(waiting["label"].string == "play 7" && waiting["deadline"].string == deadline)
      #expect(waiting["command"].string == "apply - v0")
      let list = try run("rxtune history").output
      #expect(list.contains("awaiting confirmation until \(deadline)"), "\(list)")
      #expect(list.contains("play 7"))
      #expect(try run("rxtune confirm").status == 0)
      let kept = try JSONDocument(parsing: run("rxtune history --json").output)["changes"][0]
      #expect(kept["state"].string == "in-force" && !kept["deadline"].exists)
      // There is nothing left to do, and no change made.
      let again = try run(apply)
      let unchanged = try JSONDocument(parsing: again.output)
      #expect(again.status == 0 && unchanged["state"].string == "unchanged")
      #expect(!unchanged["id"].exists && unchanged["writes"].int == 0)
      #expect(unchanged["plan"]["satisfied"].array.count == 1)
      for label in ["''", "\"$(printf 'a\\tb')\"", String(repeating: "x", count: 129)] {
        #expect(try run("rxtune set link.mtu=1300 v0 --label \(label)").status == 64, "\(label)")
      }
    }
  }

  @Test func aGateByRiskTellsWhatExceedsIt() throws {
    try onVeth { run in
      let set = "rxtune set channels.rx=1 v0 --dry-run --json 2>/dev/null --max-risk"
      for (limit, status) in [("none", 1), ("resets", 1), ("flap", 2)] {
        let result = try run("\(set) \(limit)")
        let document = try JSONDocument(parsing: result.output)
        #expect(Int(result.status) == status, "\(limit): \(result.output)")
        #expect(document["error"].exists == (status == 1))
        #expect(document["changes"].array.count == 1)
      }
      #expect(try run("rxtune set queue.rps-cpus=0 v0 --max-risk none").status == 0)
      #expect(try run("rxtune set link.mtu=1300 v0 --max-risk some").status == 64)
    }
  }

  /// What has a document of its own tells there what of it failed.
  @Test func aDamagedJournalIsAnErrorOfTheHistory() throws {
    try onVeth { run in
      #expect(
        try run("rxtune set link.mtu=1400 v0 && echo x >s/20200101-000000.journal").status == 0)
      let history = try run("rxtune history --json 2>/dev/null")
      let document = try JSONDocument(parsing: history.output)
      #expect(history.status == 1)
      #expect(document["error"]["kind"].string == "journal-damaged")
      #expect(document["changes"].array.count == 2)
    }
  }

  /// Those that no command line brings about quickly.
  @Test func othersAreWordedByTheirCause() throws {
    let cases: [(TuningError, Problem.Kind, String?, Bool)] = [
      (.locked(by: "rxtune set (pid 7)"), .busy, nil, true),
      (.notBegun(KernelError("write", "/run/x", .accessDenied)), .needsPrivilege, "EACCES", false),
      (.reversed(.linkDown("v0", after: 5_000), undo: .complete(3)), .linkDown, nil, false),
      (
        .failed(
          WriteFailure(
            settings: [Setting(.mtu, at: .device("v0"), .number(9))],
            cause: .refused(KernelError("netlink", "v0", .busy))), undo: .nothingChanged),
        .kernelRefused, "EBUSY", true
      ),
      (
        .unrecorded(KernelError("append", "/run/x", .noSpace), undo: .incomplete([])),
        .notRestored, "ENOSPC", false
      ),
    ]
    for (error, kind, errno, retry) in cases {
      let problem = Problem(error, prose: "\(error)", isUsage: false)
      #expect(problem.kind == kind && problem.retry == retry, "\(error)")
      #expect(problem.errno == errno, "\(error)")
    }
  }
}
