import Foundation
import TestSupport
import TestTraits
import Testing

/// Every document against the schema that stands beside the sources.
@Suite("JSON Schema", .ownThread, .enabled(if: JSONSchemaFile.isUsable, "needs python3-jsonschema"))
struct SchemaTests {
  @Test(arguments: [
    "show --json", "show lo --json", "show lo --stage ring --json",
    "flow lo 'udp 10.0.0.1:1 > 10.0.0.2:2' --json", "get '*' --json", "knobs --json",
    "explain rings.rx --json", "plan throughput lo --json",
    "set net.core.netdev_budget=301 --dry-run --json", "profile list --json",
    "profile show spread --json", "profile check spread --json",
    "export spread lo --format ethtool --json", "capture /dev/null --json",
    "doctor lo --for 1s --json", "doctor --rules --json", "metrics lo --json",
  ])
  func documentsAreValid(arguments: String) throws {
    let kinds = ["explain": "knobs", "set": "plan", "doctor --rules --json": "doctor-rules"]
    let words = arguments.split(separator: " ").map(String.init)
    let command = words[0] == "profile" ? "profile-\(words[1])" : words[0]
    let result = try JSONSchemaFile.validate(
      "\(Program.rxtune) \(arguments)", is: kinds[arguments] ?? kinds[command] ?? command)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func linesOfAListOfFlowsAreValid() throws {
    let flow = "udp 10.0.0.1:1 > 10.0.0.2:2"
    let result = try JSONSchemaFile.validate(
      "printf '\(flow)\\n\(flow)\\n' | \(Program.rxtune) flow lo - --json", is: "flow", lines: true)
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
        (rxtune("history"), "history"),
        (rxtune("confirm"), "confirm"), (rxtune("rollback"), "rollback"),
        (rxtune("apply spread v0 --label canary"), "apply"), (rxtune("history"), "history"),
        (rxtune("apply spread v0"), "apply"),
        ("\(Program.rxtune) persist spread v0 --root '\(state)/root' --json", "persist"),
        ("\(Program.rxtune) unpersist v0 --root '\(state)/root' --json", "unpersist"),
        ("echo x >'\(state)/00.journal'; \(rxtune("history")) 2>/dev/null", "history"),
      ] {
        let result = try JSONSchemaFile.validate(command, is: kind)
        #expect(result.status == 0, "\(command): \(result.output)")
      }
      let watch = "timeout -s INT 1 \(rxtune("watch --repair"))"
      let seen = try namespace.shell(watch + " || true")
      #expect(seen.contains("drifted") && seen.contains("repaired"), "\(seen)")
      let result = try JSONSchemaFile.validate("printf %s '\(seen)'", is: "watch", lines: true)
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test(arguments: [(#"{"devices": [{"name": 1}]}"#, "show"), ("[]", "plan")])
  func whatIsNoDocumentIsNotValid(text: String, kind: String) throws {
    let result = try JSONSchemaFile.validate("echo '\(text)'", is: kind)
    #expect(result.status != 0 && result.output.contains("ValidationError"), "\(result.output)")
  }
}
