import Foundation
import Glibc
import Netlink
import TestSupport
import TestTraits
import Testing

@testable import Diagnosis

/// Faults that are made in a network namespace: the doctor finds each and nothing else, the fix that it
/// prints is run, and it finds nothing afterwards. Those of settings that are the whole host's, such as
/// netdev_budget and netdev_max_backlog, are made in the lab.
@Suite(
  "Doctor on live faults", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
struct LiveFaultTests {
  struct LiveFault: Sendable, CustomTestStringConvertible {
    let rule: String
    let device: String
    /// What makes the fault; it may leave processes that end by themselves.
    let make: @Sendable (Ward) throws -> Void
    /// What the fix does not do by itself, as restarting a program.
    var afterwards: @Sendable (Ward) throws -> Void = { _ in }

    init(
      _ rule: String, on device: String = "v0",
      afterwards: @escaping @Sendable (Ward) throws -> Void = { _ in },
      _ make: @escaping @Sendable (Ward) throws -> Void
    ) {
      (self.rule, self.device, self.make, self.afterwards) = (rule, device, make, afterwards)
    }

    var testDescription: String { rule }
  }

  /// A namespace with a veth pair, and a folder for what changes leave.
  final class Ward: @unchecked Sendable {
    let namespace: NetworkNamespace
    let state: String
    private var sockets: [Int32] = []

    init(_ namespace: NetworkNamespace) throws {
      self.namespace = namespace
      state = try namespace.shell("mktemp -d").filter { $0 != "\n" }
      try namespace.addVeth("v0", "v1")
    }

    deinit {
      stop()
      _ = try? Shell.run("rm -r '\(state)'")
    }

    func keep(_ socket: Int32) { sockets.append(socket) }

    /// Closes what is open, and ends what runs in the background.
    func stop() {
      for socket in sockets { close(socket) }
      sockets = []
      _ = try? Shell.run(
        "for p in $(cat '\(state)/groups' 2>/dev/null); do kill -9 -$p; done; "
          + "rm -f '\(state)/groups'")
    }

    /// A socket on 127.0.0.1 that nobody reads or accepts from.
    func bind(_ kind: __socket_type, port: UInt16, backlog: Int32? = nil) throws {
      // What is started later would keep it open.
      let descriptor = socket(AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var on: Int32 = 1
      _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(4))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let status = unsafe withUnsafeBytes(of: &address) { bytes in
        unsafe Glibc.bind(
          descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
          socklen_t(bytes.count))
      }
      try #require(status == 0, "bind: errno \(errno)")
      if let backlog { try #require(listen(descriptor, backlog) == 0) }
      keep(descriptor)
    }

    /// A group of processes that goes on until `stop`, or for a minute.
    func background(_ command: String) throws {
      try namespace.shell(
        """
        setsid timeout --foreground 60 bash -c '\(command)' >/dev/null 2>&1 &
        echo $! >>'\(state)/groups'
        """)
    }

    func examine(_ device: String) throws -> Findings {
      let command =
        "\(Program.rxtune) doctor \(device) --for 1s --json --state-dir '\(state)'"
      return try Findings(try Shell.result(command + " 2>/dev/null").output)
    }

    func run(_ fix: [String]) throws {
      let program = try #require(fix.first)
      let words = fix.dropFirst().map { "'\($0)'" }.joined(separator: " ")
      guard program == "rxtune" else {
        try namespace.shell("\(program) \(words)")
        return
      }
      try namespace.shell("\(Program.rxtune) \(words) --state-dir '\(state)'")
    }
  }

  /// What `doctor --json` printed, as far as it is looked at.
  struct Findings: Decodable {
    struct Finding: Decodable {
      struct Fix: Decodable {
        var commands: [[String]]
        var remark: String?
      }
      var rule: String
      var fix: Fix
    }
    var findings: [Finding]

    init(_ text: String) throws {
      self = try JSONDecoder().decode(Findings.self, from: Data(text.utf8))
    }
  }

  static let faults: [LiveFault] = [
    // Nobody reads: no buffer is large enough.
    LiveFault("udp-rcvbuf", afterwards: { $0.stop() }) { ward in
      try ward.bind(SOCK_DGRAM, port: 9000)
      try ward.background("while :; do printf %01000d 0 >/dev/udp/127.0.0.1/9000; done")
      try ward.namespace.shell("sleep 1")
    },
    // listen(2) and no accept(2), as long as the namespace lets it.
    LiveFault(
      "accept-queue",
      afterwards: { ward in
        ward.stop()
        try ward.bind(SOCK_STREAM, port: 8000, backlog: 4096)
      }
    ) { ward in
      try ward.namespace.shell("echo 3 >/proc/sys/net/core/somaxconn")
      try ward.bind(SOCK_STREAM, port: 8000, backlog: 4096)
      try ward.background(
        "for i in {1..30}; do (exec 3<>/dev/tcp/127.0.0.1/8000; sleep 3) & sleep 0.1; done; wait")
      try ward.namespace.shell("sleep 1")
    },
    LiveFault("capture-merges") { ward in
      // ETH_P_ALL, in network order.
      let descriptor = socket(
        AF_PACKET, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Int32(UInt16(3).bigEndian))
      try #require(descriptor >= 0)
      ward.keep(descriptor)
      let index = try ward.namespace.shell("cat /sys/class/net/v0/ifindex").filter { $0 != "\n" }
      // struct sockaddr_ll: family, protocol in network order, index.
      let address =
        hostBytes(UInt16(AF_PACKET)) + [0, 3] + hostBytes(try #require(Int32(index)))
        + [UInt8](repeating: 0, count: 12)
      let status = unsafe address.withUnsafeBytes { bytes in
        unsafe Glibc.bind(
          descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
          socklen_t(bytes.count))
      }
      try #require(status == 0, "bind: errno \(errno)")
    },
    // A tunnel merges what it takes out of its packets; frames of an EtherType for experiments arrive.
    LiveFault("gro-off", on: "vx0") { ward in
      try ward.namespace.shell(
        """
        ip link add vx0 type vxlan id 7 local 127.0.0.1 dev lo dstport 4789 && ip link set vx0 up
        ethtool -K vx0 gro off
        bash -c 'exec 3<>/dev/tcp/127.0.0.1/1' 2>/dev/null || true
        """)
      let header = #"\x08\x00\x00\x00\x00\x00\x07\x00"#
      let frame = #"\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x01\x88\xb5%040d"#
      try ward.background(
        "while :; do printf \"\(header)\(frame)\" 0 >/dev/udp/127.0.0.1/4789; sleep 0.01; done")
      try ward.namespace.shell("sleep 0.5")
    },
    LiveFault("defer-no-flush") { ward in
      try ward.namespace.shell("echo 10 >/sys/class/net/v0/napi_defer_hard_irqs")
    },
    LiveFault("suspend-alone") { ward in
      try ward.run(["rxtune", "set", "napi.irq-suspend-timeout=20000000", "v0"])
    },
  ]

  @Test(arguments: faults + furtherFaults) func isFoundFixedAndGone(_ fault: LiveFault) throws {
    try NetworkNamespace.run { namespace in
      let ward = try Ward(namespace)
      let healthy = try ward.examine("v0")
      #expect(healthy.findings.map(\.rule) == [])
      try fault.make(ward)
      let ill = try ward.examine(fault.device)
      #expect(ill.findings.map(\.rule) == [fault.rule])
      for command in ill.findings.flatMap(\.fix.commands) { try ward.run(command) }
      try fault.afterwards(ward)
      let cured = try ward.examine(fault.device)
      #expect(cured.findings.map(\.rule) == [])
    }
  }

  /// `capture --for` records two moments of a fault; doctor finds it in the file as here.
  @Test func aRecordOfTwoMomentsTellsRates() throws {
    try NetworkNamespace.run { namespace in
      let ward = try Ward(namespace)
      try ward.bind(SOCK_DGRAM, port: 9000)
      try ward.background("while :; do printf %01000d 0 >/dev/udp/127.0.0.1/9000; done")
      try namespace.shell("sleep 1")
      let file = "\(ward.state)/ill.capture"
      try namespace.shell("\(Program.rxtune) capture --for 1s --redact '\(file)'")
      ward.stop()
      let result = try Shell.result("\(Program.rxtune) doctor v0 --from '\(file)' --json")
      #expect(result.status == 2)
      #expect(try Findings(result.output).findings.map(\.rule) == ["udp-rcvbuf"])
      // The same moments in two files.
      try namespace.shell(
        """
        cd '\(ward.state)' && awk '/^rxtune-capture/ {n++} {print >"part" n}' ill.capture
        """)
      let parts = try Shell.result(
        "cd '\(ward.state)' && \(Program.rxtune) doctor v0 --from part1 --from part2 --json")
      #expect(try Findings(parts.output).findings.map(\.rule) == ["udp-rcvbuf"])
      let first = try Shell.result(
        "cd '\(ward.state)' && \(Program.rxtune) doctor v0 --from part1 --json")
      #expect(first.status == 0)
      #expect(try Findings(first.output).findings.map(\.rule) == [])
      // Every other command reads the first moment.
      try namespace.shell("\(Program.rxtune) show v0 --from '\(file)'")
    }
  }
}
