import Foundation
import TestSupport
import TestTraits
import Testing

/// `rxtune metrics` in a namespace of its own, and what it refuses.
@Suite("metrics", .ownThread) struct MetricsCommandTests {
  /// A folder of its own.
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "rxtune-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  /// "rxtune_settings_drifted" and its like.
  private static func value(_ name: String, in text: String) -> Int? {
    text.split(separator: "\n").first { $0.hasPrefix("rxtune_\(name) ") }
      .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func aFileIsReplacedInOneStep() throws {
    try Self.withFolder { folder in
      try ShowCommandTests.withVeth { namespace in
        let file = "\(folder)/rxtune.prom"
        let write = "\(Program.rxtune) metrics v0 --textfile \(file)"
        #expect(try Shell.run(write).isEmpty)
        let first = try Shell.run("stat -c '%i %a' \(file)")
        #expect(first.hasSuffix(" 644\n"), "node_exporter runs as another user")
        // Who reads while it is replaced has the old file.
        let reader = try #require(FileHandle(forReadingAtPath: file))
        try Shell.run(write)
        #expect(try Shell.run("stat -c '%i %a' \(file)") != first)
        #expect(String(decoding: reader.readDataToEndOfFile(), as: UTF8.self).hasSuffix("} 1\n"))
        #expect(try Shell.run("ls -A \(folder)") == "rxtune.prom\n")
        let text = try Shell.run("cat \(file)")
        #expect(text.contains("rxtune_queue_info{device=\"v0\",queue=\"3\",join="), "\(text)")
        #expect(!text.contains("rxtune_queue_interrupts_total"), "a veth has none")
        #expect(try Shell.run("\(Program.rxtune) metrics v0") == text)
      }
    }
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func listenersAreCountedWithoutADevice() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link set lo up")
      try ShowCommandTests.withListeners(2, backlog: 9, in: namespace) { _ in
        let text = try namespace.shell("\(Program.rxtune) metrics")
        let labels = #"{family="ipv4",address="127.0.0.1",port="8080"}"#
        for line in ["sockets\(labels) 2", "queued\(labels) 6", "queue_limit\(labels) 9"] {
          #expect(text.contains("rxtune_listener_\(line)\n"), "\(text)")
        }
        #expect(!text.contains("rxtune_queue_"))
      }
    }
  }

  @Test(.enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
  func driftAndPendingChangesAreTold() throws {
    try Self.withFolder { folder in
      try ShowCommandTests.withVeth { namespace in
        func rxtune(_ words: String) throws -> String {
          try namespace.shell("\(Program.rxtune) \(words) --state-dir '\(folder)/state'")
        }
        func values() throws -> [Int?] {
          let text = try rxtune("metrics --no-queues")
          return ["settings_in_force", "settings_drifted", "settings_unreadable", "change_pending"]
            .map { Self.value($0, in: text) }
        }
        #expect(try values() == [0, 0, 0, 0])
        _ = try rxtune("set queue.rps-cpus=0 v0")
        #expect(try values() == [4, 0, 0, 0])
        try namespace.shell("echo 0 > /sys/class/net/v0/queues/rx-1/rps_cpus")
        #expect(try values() == [4, 1, 0, 0])
        _ = try rxtune("set napi.defer-hard-irqs=3 v0 --confirm-within 60s")
        #expect(try values()[3] == 1)
        _ = try rxtune("confirm")
        #expect(try values()[3] == 0)
        try namespace.shell("ethtool -L v0 rx 2")
        #expect(try values()[2] ?? 0 > 0, "queues that are gone")
        // Whoever may not read the journals has no sample, and the rest.
        if Shell.has("setpriv") {
          let text = try Shell.run(
            "setpriv --reuid=65534 --clear-groups \(Program.rxtune) metrics v0 "
              + "--state-dir '\(folder)/state'")
          #expect(text.contains("rxtune_queue_info") && !text.contains("settings"), "\(text)")
        }
      }
    }
  }

  @Test(arguments: [
    ("metrics --textfile metrics.txt", 64, "reads files named *.prom"),
    ("metrics --textfile x.prom --json", 64, "leave out --json"),
    ("metrics lo --no-queues", 64, "--no-queues leaves out"),
    ("metrics --textfile /no/such/folder/x.prom", 1, "no such file or directory (ENOENT)"),
    ("metrics nosuch --from /dev/null", 1, "not a capture"),
  ])
  func exitsAndSays(arguments: String, status: Int, words: String) throws {
    let result = try Shell.result("\(Program.rxtune) \(arguments)")
    #expect(result.status == Int32(status), "\(result.output)")
    #expect(result.output.contains(words), "\(result.output)")
  }

  /// The others are worth having, and the exit status tells.
  @Test func aDeviceThatIsMissingKeepsNoOtherOut() throws {
    let igb = RecordedHostTests.fixtures.appending(path: "igb.capture").path
    let result = try Shell.result("\(Program.rxtune) metrics eth0 nosuch --from \(igb)")
    #expect(result.status == 1)
    #expect(result.output.contains("no device 'nosuch' here"))
    #expect(result.output.contains("rxtune_queue_rss_share_ratio{device=\"eth0\",queue=\"0\"} 0.5"))
    #expect(!result.output.contains("rxtune_settings"), "a recording tells of no changes")
  }

  @Test(.enabled(if: Program.promtool != nil, "needs promtool: Tests/promtool.sh .build/tools"))
  func promtoolFindsNothingToSay() throws {
    let promtool = try #require(Program.promtool)
    let fixtures = RecordedHostTests.fixtures.path
    for arguments in [
      "", "--from \(fixtures)/igb.capture", "--from \(fixtures)/virtio-64q.capture",
    ] {
      let result = try Shell.result(
        "\(Program.rxtune) metrics \(arguments) | \(promtool) check metrics")
      #expect(result.status == 0 && result.output.isEmpty, "\(arguments): \(result.output)")
    }
  }
}
