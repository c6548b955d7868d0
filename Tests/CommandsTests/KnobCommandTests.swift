import FoundationEssentials
import Knobs
import TestSupport
import TestTraits
import Testing

/// get, knobs and explain as programs: what they print and how they exit.
@Suite("Knob commands", .ownThread) struct KnobCommandTests {
  static func rxtune(_ arguments: String) throws -> Shell.Result {
    try Shell.result("\(Program.rxtune) \(arguments)")
  }

  @Test(arguments: [
    (
      "get rings.rxx", 64,
      "\"rings.rxx\" is neither a knob nor a device; did you mean rings.rx or rings.tx?"
    ),
    ("get netdev_budget lp", 64, "\"lp\" is neither a knob nor a device; did you mean lo?"),
    ("get lo", 64, "no knob is named: see rxtune knobs"),
    ("get", 64, "missing expected argument"),
    ("get rings.rx ../../etc", 64, "\"../../etc\" is neither a knob nor a device"),
    ("get rings.rx '%s%n' ", 64, "\"%s%n\" is neither a knob nor a device"),
    ("get SO_REUSEPORT", 1, "set by programs"),
    ("get queue.byte-queue-limits lo", 1, "not supported"),
    ("get netdev_budgt", 64, "; did you mean net.core.netdev_budget"),
    ("get grro lo", 64, "\"grro\" is neither a knob nor a device; did you mean gro?"),
    ("explain trasmit", 64, "\"trasmit\" is not a knob; did you mean transmit?"),
    ("get GRO lo", 0, "net.core.gro_normal_batch"),
    ("get rss lo", 0, "flow-rules"),
    ("knobs napi", 0, "net.core.netdev_budget"),
    ("knobs Transmit --ids", 0, "link.tx-queue-len"),
    ("knobs --stage RPS", 0, "queue.rps-cpus"),
    ("explain ring", 0, "channels.combined"),
    ("get coalesc lo", 64, "\"coalesc\" is neither a knob nor a device; did you mean coalesce?"),
    (
      "explain netdev_budgt", 64,
      "\"netdev_budgt\" is not a knob; did you mean net.core.netdev_budget"
    ),
    (
      "set netdev_budgt=5", 64,
      "\"netdev_budgt\" is not a knob; did you mean net.core.netdev_budget"
    ),
    ("set rps-cpu=0 lo", 64, "\"rps-cpu\" is not a knob; did you mean queue.rps-cpus"),
    ("set rx=4 lo", 64, "\"rx\" is not a knob; did you mean pause.rx, channels.rx or rings.rx?"),
    ("set xyzzy=5", 64, "\"xyzzy\" is not a knob\n"),
    ("explain coalesce.rx-usec", 64, "did you mean coalesce.rx-usecs"),
    ("knobs nothing", 64, "\"nothing\" is not a knob"),
    ("knobs --stage attic", 64, "attic"),
    ("knobs --json --ids", 64, "exclude each other"),
    ("knobs coalesce --stage rps", 1, ""),
    ("knobs", 0, "net.core.netdev_budget"),
    ("explain SO_REUSEPORT", 0, "Several sockets share one port"),
    ("get net.core.somaxconn", 0, "/proc/sys/net/core/somaxconn"),
  ])
  func exitsAndSays(arguments: String, status: Int, words: String) throws {
    let result = try Self.rxtune(arguments)
    #expect(result.status == Int32(status), "\(result.output)")
    #expect(result.output.contains(words), "\(result.output)")
  }

  @Test func idsAreTheCatalogue() throws {
    let ids = try Self.rxtune("knobs --ids").output.split(separator: "\n").map(String.init)
    #expect(ids == Knob.catalogue.map(\.id))
  }

  @Test(arguments: Knob.catalogue)
  func everyKnobIsExplained(knob: Knob) throws {
    let output = try Self.rxtune("explain \(knob.id)").output
    #expect(output.hasPrefix(knob.id))
    #expect(output.contains(knob.document))
    #expect(output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  /// A recorded host answers as the live one did, whatever it is asked.
  @Test func aCaptureAnswersAsItsHostDid() throws {
    let file =
      FileManager.default.temporaryDirectory.path + "/rxtune-\(UInt64.random(in: 0...(.max)))"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Shell.run("\(Program.rxtune) capture \(file)")
    for arguments in ["get '*' lo", "get '*' --json", "get coalesce rings"] {
      let live = try Self.rxtune(arguments)
      let recorded = try Self.rxtune(arguments + " --from \(file)")
      #expect(live.status == recorded.status)
      #expect(live.output.withoutEnvelope == recorded.output.withoutEnvelope)
    }
  }

  /// One knob's readings, as `--json` prints them.
  struct Answer: Decodable {
    struct Knob: Decodable {
      var id: String
      var values: [Value]
    }
    struct Value: Decodable {
      struct Place: Decodable {
        var device: String?
        var queue: Int?
        var direction: String?
      }
      var place: Place?
      var number: Int64?
      var flag: Bool?
      var cpus: [Int]?
      var maximum: Int64?
      var fixed: Bool?
      var absent: String?

      enum Key: String, CodingKey {
        case place, value, maximum, fixed, absent
      }
      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        place = try fields.decodeIfPresent(Place.self, forKey: .place)
        maximum = try fields.decodeIfPresent(Int64.self, forKey: .maximum)
        fixed = try fields.decodeIfPresent(Bool.self, forKey: .fixed)
        absent = try fields.decodeIfPresent(String.self, forKey: .absent)
        number = try? fields.decodeIfPresent(Int64.self, forKey: .value)
        flag = try? fields.decodeIfPresent(Bool.self, forKey: .value)
        cpus = try? fields.decodeIfPresent([Int].self, forKey: .value)
      }
    }
    var knobs: [Knob]
  }

  @Suite(
    "get agrees with other tools",
    .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"),
    .enabled(if: Shell.has("ethtool"), "needs ethtool"))
  struct Agreement {
    private static func get(
      _ arguments: String, in namespace: NetworkNamespace
    ) throws -> [String: [Answer.Value]] {
      let text = try namespace.shell("\(Program.rxtune) get \(arguments) --json")
      let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
      return Dictionary(uniqueKeysWithValues: answer.knobs.map { ($0.id, $0.values) })
    }

    private static let pair = """
      ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 numrxqueues 4 numtxqueues 4
      ip link set v0 up && ip link set v1 up && ethtool -K v0 gro on
      """

    @Test func featuresAreEthtools() throws {
      try NetworkNamespace.run { namespace in
        try namespace.shell(Self.pair)
        try namespace.shell("ethtool -K v0 rx-gro-list on rx-udp-gro-forwarding off")
        let found = try Self.get("features v0", in: namespace)
        // ethtool calls some features otherwise than the kernel.
        let names = [
          "rx-gro": "generic-receive-offload", "rx-lro": "large-receive-offload",
          "rx-checksum": "rx-checksumming", "rx-hashing": "receive-hashing",
          "rx-ntuple-filter": "ntuple-filters",
        ]
        var words: [String: String] = [:]
        for line in try namespace.shell("ethtool -k v0").split(separator: "\n") {
          let parts = line.split(separator: ":")
          if parts.count == 2 {
            words[parts[0].filter { $0 != "\t" }] = String(parts[1].dropFirst())
          }
        }
        #expect(found.count == 8)
        for (id, values) in found {
          let name = String(id.dropFirst("features.".count))
          let word = try #require(words[names[name] ?? name], "\(name)")
          let value = try #require(values.first)
          let fixed = value.fixed == true ? " [fixed]" : ""
          #expect((value.flag == true ? "on" : "off") + fixed == word, "\(name)")
        }
      }
    }

    @Test func channelsMTUAndQueuesAreTheirFiles() throws {
      try NetworkNamespace.run { namespace in
        try namespace.shell(Self.pair)
        try namespace.shell(
          """
          ethtool -L v0 rx 3 tx 2 && ip link set v0 mtu 1400 txqueuelen 321
          cd /sys/class/net/v0 && echo 1 > queues/rx-1/rps_cpus && echo 256 > queues/rx-2/rps_flow_cnt
          echo 1 > queues/tx-1/xps_cpus && echo 5 > napi_defer_hard_irqs && echo 20000 > gro_flush_timeout
          """)
        let found = try Self.get("channels link queue napi device v0", in: namespace)
        #expect(found["channels.rx"]?.first?.number == 3)
        #expect(found["channels.rx"]?.first?.maximum == 4)
        #expect(found["channels.tx"]?.first?.number == 2)
        #expect(found["link.mtu"]?.first?.number == 1400)
        #expect(found["link.tx-queue-len"]?.first?.number == 321)
        #expect(found["queue.rps-cpus"]?.map(\.cpus) == [[], [0], []])
        #expect(found["queue.rps-flow-cnt"]?.map(\.number) == [0, 0, 256])
        #expect(found["queue.xps-cpus"]?.map(\.cpus?.last) == [nil, 0])
        #expect(found["queue.xps-cpus"]?.map(\.place?.direction) == ["tx", "tx"])
        #expect(found["napi.defer-hard-irqs"]?.map(\.number) == [5, 5, 5])
        #expect(found["napi.gro-flush-timeout"]?.map(\.number) == [20_000, 20_000, 20_000])
        #expect(found["device.gro-flush-timeout"]?.first?.number == 20_000)
      }
    }

    @Test func aSysfsOfAnotherNamespaceIsNotRead() throws {
      // unshare -n alone leaves /sys as it was: there v0 is missing, or another device.
      let output = try Shell.result(
        """
        unshare -n sh -c 'ip link add v0 type veth peer name v1 && \
        \(Program.rxtune) get queue.rps-cpus device.threaded link.mtu v0'
        """
      ).output
      let lines = output.split(separator: "\n").map(String.init)
      #expect(lines.count == 5 && lines.first == "all knobs: place v0", "\(output)")
      #expect(lines.filter { $0.contains("not in this namespace") }.count == 2, "\(output)")
      #expect(lines.last?.contains("1500") == true, "\(output)")
    }

    @Test func aDeviceThatIsDownHasNoNAPI() throws {
      try NetworkNamespace.run { namespace in
        try namespace.shell(Self.pair)
        try namespace.shell("ip link set v0 down")
        let result = try Shell.result("\(Program.rxtune) get napi. v0")
        #expect(result.status == 1)
        #expect(result.output.contains("not supported"))
      }
    }
  }
}
