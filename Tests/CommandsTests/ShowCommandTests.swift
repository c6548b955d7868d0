import Foundation
import TestSupport
import TestTraits
import Testing

/// `rxtune show` in a namespace of its own, held against ethtool, sysfs and ss field by field.
@Suite(
  "show on a veth of 4 queues", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
struct ShowCommandTests {
  /// A veth v0 of 4+4 queues with GRO on, and its peer v1; both up.
  static func withVeth(_ body: (NetworkNamespace) throws -> Void) throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell(
        """
        echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
        ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 numrxqueues 4 \
        numtxqueues 4 && ip link set v0 up && ip link set v1 up && ethtool -K v0 gro on
        """)
      try body(namespace)
    }
  }

  @Test(.enabled(if: Shell.has("ethtool"), "needs ethtool"))
  func agreesWithEthtool() throws {
    try Self.withVeth { namespace in
      try namespace.shell("ethtool -L v0 rx 3 && ethtool -K v0 rx off")
      let device = try JSONDocument.rxtune("show v0 --json")["devices"][0]

      // "RX:		3" twice: the maximum, then now.
      let channels = try namespace.shell("ethtool -l v0")
      let numbers = channels.split(separator: "\n").compactMap { line -> (String, Int)? in
        let parts = line.split(separator: ":")
        guard parts.count == 2, let number = Int(parts[1].filter(\.isNumber)) else { return nil }
        return (parts[0].lowercased(), number)
      }
      for name in ["rx", "tx"] {
        let told = numbers.filter { $0.0 == name }.map(\.1)
        let ours = device["stages"]["ring"]["channels"][name]
        #expect(told == [ours["max"].int, ours["value"].int])
      }
      #expect(numbers.filter { $0.0 == "rx" }.map(\.1) == [4, 3])

      let features = try namespace.shell("ethtool -k v0 | grep -E '^[a-z0-9-]+: (on|off)'")
      let ours = device["stages"]["gro"]["features"]
      var compared = 0
      for line in features.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard ours.keys.contains(String(parts[0])) else { continue }
        let feature = ours[String(parts[0])]
        #expect(feature["active"].bool == parts[1].contains(" on"), "\(line)")
        #expect(feature["changeable"].bool == !parts[1].contains("[fixed]"), "\(line)")
        compared += 1
      }
      #expect(compared > 20)

      let driver = try namespace.shell("ethtool -i v0")
      #expect(driver.contains("driver: \(device["driver"].string ?? "?")\n"))
      #expect(
        driver.contains(
          "version: \(device["stages"]["device"]["driver"]["version"].string ?? "?")\n"))

      // Where ethtool exits with an error, the place says why.
      for (option, stage, part) in [("g", "ring", "rings"), ("c", "irq", "coalescing")] {
        #expect(try Shell.result("ethtool -\(option) v0").status != 0)
        #expect(device["stages"][stage][part]["absent"].string == "not-supported")
      }
    }
  }

  @Test func agreesWithSysfsAndTheLink() throws {
    try Self.withVeth { namespace in
      try namespace.shell(
        """
        cd /sys/class/net/v0 && echo 2 > queues/rx-1/rps_cpus && echo 300 > queues/rx-2/rps_flow_cnt
        echo 1 > queues/tx-3/xps_cpus; echo 7 > napi_defer_hard_irqs; ip link set v0 mtu 1400
        """)
      let device = try JSONDocument.rxtune("show v0 --json")["devices"][0]
      let paths = device["queue-paths"].array
      #expect(paths.map { $0["queue"].int } == [0, 1, 2, 3])
      #expect(paths.map { $0["rps-cpus"].array.map(\.int) } == [[], [1], [], []])
      // Rounded up by the kernel to a power of two.
      #expect(paths.map { $0["rps-flow-cnt"].int } == [0, 0, 512, 0])
      #expect(paths.allSatisfy { $0["join"].string == "unknown" && !$0["irq"].exists })
      let transmit = device["stages"]["transmit"]["queues"].array
      #expect(transmit.map { $0["xps-cpus"].array.map(\.int) } == [[], [], [], [0]])
      let napis = device["stages"]["napi"]["instances"].array
      #expect(napis.count == 4 && napis.allSatisfy { $0["defer-hard-irqs"].int == 7 })
      #expect(device["stages"]["device"]["mtu"].int == 1400)
      let address = try namespace.shell("cat /sys/class/net/v0/address")
      #expect(address == (device["stages"]["device"]["address"].string ?? "") + "\n")
    }
  }

  /// A multi-queue tap is allocated 256 queues and uses one for each file that is open; the netdev
  /// family tells none while it is down.
  @Test func aDeviceThatIsDownHasTheQueuesInUse() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip tuntap add t0 mode tap multi_queue")
      let queues = try namespace.shell("ls -d /sys/class/net/t0/queues/rx-*")
      let device = try JSONDocument.rxtune("show t0 --json")["devices"][0]
      let paths = device["queue-paths"].array
      #expect(paths.count == queues.split(separator: "\n").count && paths.count < 256)
      #expect(paths.allSatisfy { $0["irq-unknown"]["reason"].string == "virtual-device" })
      #expect(device["stages"]["transmit"]["queues"].array.count == paths.count)
    }
  }

  /// Runs `body` while a process holds an SO_REUSEPORT group on 127.0.0.1:8080 at which six
  /// connections wait; it is given the process's id.
  static func withListeners(
    _ count: Int, backlog: Int, in namespace: NetworkNamespace, _ body: (String) throws -> Void
  ) throws {
    let script = """
      import socket, sys, time
      group = []
      for _ in range(\(count)):
          s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
          s.bind(('127.0.0.1', 8080)); s.listen(\(backlog)); group.append(s)
      held = [socket.create_connection(('127.0.0.1', 8080)) for _ in range(6)]
      open(sys.argv[1], 'w').write('ready')
      time.sleep(60)
      """
    let ready = NSTemporaryDirectory() + "rxtune-\(UUID().uuidString)"
    // In the background of a shell: Foundation's Process would start a thread in the namespace.
    let pid = try namespace.shell(
      "python3 - '\(ready)' >/dev/null 2>&1 <<'END' & echo $!\n\(script)\nEND\ntrue"
    ).filter(\.isNumber)
    defer {
      _ = try? Shell.result("kill \(pid)")
      try? FileManager.default.removeItem(atPath: ready)
    }
    try namespace.shell(
      "for i in $(seq 300); do [ -e '\(ready)' ] && exit; sleep 0.1; done; exit 1")
    try body(pid)
  }

  @Test(.enabled(if: Shell.has("ss"), "needs ss"))
  func agreesWithSsOnListenersAndTheirOwner() throws {
    try Self.withVeth { namespace in
      try Self.withListeners(4, backlog: 3, in: namespace) { pid in
        try Self.compareWithSs(pid, namespace)
      }
    }
  }

  private static func compareWithSs(_ pid: String, _ namespace: NetworkNamespace) throws {
    let listeners = try JSONDocument.rxtune("show v0 --json --stage socket")["sockets"][
      "listeners"]
    let group = try #require(listeners.array.first { $0["port"].int == 8080 })
    let members = group["members"].array
    #expect(members.count == 4)
    #expect(group["queued"].int == 6)
    #expect(members.allSatisfy { $0["owner"]["pid"].int == Int(pid) })
    // "LISTEN 2 3 127.0.0.1:8080 …": queue and limit of each member.
    let ss = try namespace.shell("ss -Hltn 'sport = :8080'").split(separator: "\n").map { line in
      line.split(separator: " ")[1...2].map(String.init)
    }
    let ours = members.map { ["\($0["rqueue"].int ?? -1)", "\($0["wqueue"].int ?? -1)"] }
    #expect(ss.sorted { $0[0] < $1[0] } == ours.sorted { $0[0] < $1[0] })
    let text = try Shell.run("\(Program.rxtune) show v0 --stage socket")
    #expect(text.contains("127.0.0.1:8080"))
    #expect(text.contains("/\(pid)"))
  }

  @Test func aCaptureReplaysByteForByte() throws {
    try Self.withVeth { namespace in
      let file = NSTemporaryDirectory() + "rxtune-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: file) }
      // The kernel follows carriers from a work queue.
      try namespace.shell(
        "for d in v0 v1; do until [ $(cat /sys/class/net/$d/operstate) = up ]; do sleep 0.02; done; done"
      )
      try namespace.shell("\(Program.rxtune) capture \(file)")
      // softnet_stat is the host's and moves on; everything else is this quiet namespace's.
      let stages = "--stage device rss ring irq gro rps transmit socket"
      // When it was printed differs.
      let rest = #"sed '/^  "rxtune": {/,/^  }/d'"#
      for form in ["", "--json"] {
        let live = try Shell.run("\(Program.rxtune) show v0 v1 lo \(form) \(stages) | \(rest)")
        let recorded = try Shell.run(
          "\(Program.rxtune) show v0 v1 lo \(form) \(stages) --from \(file) | \(rest)")
        #expect(live == recorded)
      }
      let redacted = file + ".redacted"
      defer { try? FileManager.default.removeItem(atPath: redacted) }
      try namespace.shell("\(Program.rxtune) capture --redact \(redacted)")
      let address = try namespace.shell("cat /sys/class/net/v0/address").dropLast()
      #expect(try Shell.run("\(Program.rxtune) show v0 --from \(file) --json").contains(address))
      let masked = try Shell.run("\(Program.rxtune) show v0 --from \(redacted) --json")
      #expect(!masked.contains(address))
      #expect(
        masked.contains("\"name\": \"v0\"")
          && !masked.contains("not in this namespace\",\n      \"detail\": \"/sys"))
    }
  }

  @Test func aDownDeviceIsShownAsDown() throws {
    try Self.withVeth { namespace in
      try namespace.shell("ip link set v0 down")
      let text = try Shell.run("\(Program.rxtune) show v0")
      #expect(text.contains("NUMA no node; down,"))
      #expect(text.contains("NAPI      no instances"))
      // Its queues are still there, as rtnetlink and sysfs know them.
      let paths = try JSONDocument.rxtune("show v0 --json")["devices"][0]["queue-paths"].array
      #expect(paths.count == 4)
    }
  }

  @Test(arguments: ["x.1", "quo\"te", "ünï", "-dash", "$HOME", "a;b"])
  func namesThatToolsTripOver(name: String) throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip link add name '\(name)' type bridge")
      let document = try JSONDocument.rxtune("show --json -- '\(name)'")
      #expect(document["devices"][0]["name"].string == name)
      #expect(try Shell.run("\(Program.rxtune) show -- '\(name)'").hasPrefix(name + "\n"))
    }
  }

  @Test func withoutSysTheRestIsShown() throws {
    try Self.withVeth { namespace in
      try namespace.shell("mount -t tmpfs none /sys")
      defer { _ = try? namespace.shell("umount /sys") }
      let text = try Shell.run("\(Program.rxtune) show v0")
      #expect(text.contains("channels rx 4/4"))
      #expect(text.contains("RPS       unreadable"))
    }
  }

  @Test func aSysfsOfAnotherNamespaceIsNoticed() throws {
    try Self.withVeth { namespace in
      // The thread's /sys goes back to the host's, where no v0 is, or another.
      try namespace.shell("umount /sys 2>/dev/null; mount -t sysfs none /sys; true")
      let command =
        "unshare -n sh -c 'ip link add v9 type bridge && ip link set v9 up && \(Program.rxtune) show v9'"
      let text = try Shell.run(command)
      #expect(text.contains("sysfs was mounted in another network namespace"))
      #expect(text.contains("RPS       not in this namespace"))
    }
  }
}

@Suite("show, flow and capture: what is refused", .ownThread) struct RefusalTests {
  @Test(arguments: [
    ("show nosuch", 1, "no device 'nosuch' here; there are "),
    ("show lp", 1, "no device 'lp' here; did you mean lo?"),
    ("show ../../etc/passwd", 1, "no device '../../etc/passwd'"),
    ("show '%s%n' 'a b'", 1, "no device '%s%n'"),
    ("show --stage attic", 64, "attic"),
    ("show --follow", 64, "--follow needs a device"),
    ("show lo --follow --from x", 64, "--follow waits for changes"),
    ("show --from /no/such/file", 1, "read /no/such/file: no such file or directory (ENOENT)"),
    ("show --from /dev/null", 1, "not a capture"),
    ("flow lo 'tcp 1.2.3.4:5'", 64, "a flow reads"),
    ("flow nosuch 'tcp 1.2.3.4:5 > 1.2.3.4:6'", 1, "no device 'nosuch'"),
    (
      "capture /no/such/folder/file", 1,
      "write /no/such/folder/file: no such file or directory (ENOENT)"
    ),
  ])
  func exitsAndSays(arguments: String, status: Int, words: String) throws {
    let result = try Shell.result("\(Program.rxtune) \(arguments)")
    #expect(result.status == Int32(status), "\(result.output)")
    #expect(result.output.contains(words), "\(result.output)")
  }

  @Test func capturesThatAreNoneAreRefusedWithTheReason() throws {
    let file = NSTemporaryDirectory() + "rxtune-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Shell.run("\(Program.rxtune) capture \(file)")
    let whole = try String(contentsOfFile: file, encoding: .utf8)
    for (damaged, words) in [
      (String(whole.prefix(whole.count / 2)), "cut short"),
      ("rxtune-capture 2\n" + whole.drop { $0 != "\n" }, "newer than this rxtune"),
      ("#!/bin/sh\n" + whole, "not a capture"),
    ] {
      try damaged.write(toFile: file, atomically: true, encoding: .utf8)
      let result = try Shell.result("\(Program.rxtune) show --from \(file)")
      #expect(result.status == 1)
      #expect(result.output.contains(words), "\(result.output)")
    }
  }
}
