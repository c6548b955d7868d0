import Foundation
import TestSupport
import Testing

/// Every document against the schema that stands beside the sources.
@Suite(
  "JSON Schema",
  .enabled(
    if: Shell.has("/usr/bin/python3 -c 'import jsonschema' && true"), "needs python3-jsonschema"))
struct SchemaTests {
  /// Whether a document, or each line of it, is one of `kind`; what is wrong with it otherwise.
  private func check(_ command: String, is kind: String, lines: Bool = false) throws -> Shell.Result
  {
    let schema = #filePath.replacingOccurrences(
      of: "Tests/CommandsTests/SchemaTests.swift", with: "Sources/rxtune.schema.json")
    let check = """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1]))
      jsonschema.Draft202012Validator.check_schema(schema)
      schema = {"$ref": "#/$defs/" + sys.argv[2], "$defs": schema["$defs"]}
      documents = sys.stdin if sys.argv[3] == "true" else [sys.stdin.read()]
      for document in documents:
          jsonschema.Draft202012Validator(schema).validate(json.loads(document))
      """
    return try Shell.result(
      "(\(command)) | /usr/bin/python3 -c '\(check)' '\(schema)' \(kind) \(lines)")
  }

  @Test(arguments: [
    "show --json", "show lo --json", "show lo --stage ring --json",
    "flow lo 'udp 10.0.0.1:1 > 10.0.0.2:2' --json", "get '*' --json", "knobs --json",
    "explain rings.rx --json", "plan throughput lo --json",
    "set net.core.netdev_budget=301 --dry-run --json",
  ])
  func documentsAreValid(arguments: String) throws {
    let kinds = ["explain": "knobs", "set": "plan"]
    let command = String(arguments.prefix { $0 != " " })
    let result = try check("\(Program.rxtune) \(arguments)", is: kinds[command] ?? command)
    #expect(result.status == 0, "\(result.output)")
  }

  /// A change, what `verify`, `watch` and `history` say of it, and how it drifts.
  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func documentsOfChangesAreValid() throws {
    try NetworkNamespace.run { namespace in
      let state = try namespace.shell("mktemp -d").filter { $0 != "\n" }
      defer { _ = try? Shell.run("rm -r '\(state)'") }
      try namespace.shell(
        """
        ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 && ip link set v0 up
        ethtool -K v0 gro on && ethtool -L v0 rx 4
        """)
      let rxtune = { (words: String) in "\(Program.rxtune) \(words) --state-dir '\(state)' --json" }
      // Values of all kinds, at places of all kinds that a veth has.
      let change = rxtune(
        "set features.rx-gro-list=on queue.rps-cpus=0 queue.rps-flow-cnt=100 "
          + "napi.defer-hard-irqs=3 net.core.somaxconn=1000 channels.rx=3 v0")
      for (command, kind) in [
        (change + " --dry-run", "plan"), (change, "apply"), (rxtune("verify"), "verify"),
        ("echo 1 >/sys/class/net/v0/queues/rx-1/rps_flow_cnt; " + rxtune("verify"), "verify"),
        (rxtune("history"), "history"),
        (rxtune("apply spread v0 --confirm-within 60s"), "apply"),
        ("echo x >'\(state)/00.journal'; \(rxtune("history")) 2>/dev/null", "history"),
      ] {
        let result = try check(command, is: kind)
        #expect(result.status == 0, "\(command): \(result.output)")
      }
      let watch = "timeout -s INT 1 \(rxtune("watch --repair"))"
      let seen = try namespace.shell(watch + " || true")
      #expect(seen.contains("drifted") && seen.contains("repaired"), "\(seen)")
      let result = try check("printf %s '\(seen)'", is: "watch", lines: true)
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test func whatIsNoDocumentIsNotValid() throws {
    #expect(try check(#"echo '{"devices": [{"name": 1}]}'"#, is: "show").status == 1)
    #expect(try check("echo '[]'", is: "plan").status == 1)
  }
}
