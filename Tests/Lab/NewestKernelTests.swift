import Testing

/// What newer kernels brought in netlink is used where the kernel has it, and nothing that the newest
/// one tells is unknown here.
@Suite("The newest kernel in the lab", .lab)
struct NewestKernelTests {
  /// The kernel up to which everything was looked at. What a later one adds is printed, for a person to
  /// decide about: EthtoolFamily, NetdevFamily and Link say what is known.
  static let lookedAt = (7, 3)

  @Test(arguments: [Topology.igbNewest, .virtioNewest, .virtualNewest].filter(\.isOffered))
  func nothingIsUnknown(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      if topology.hasOwnNIC { try guest.renewOwnNIC() }
      let version = try guest.shell("uname -r").split(separator: ".").compactMap { Int($0) }
      let isLater = (version[0], version[1]) > Self.lookedAt
      for device in try guest.devices() {
        let fields = try JSONFields(guest.shell("rxtune show \(device) --json"))
        for key in ["unknown-attributes", "unknown-operations"] {
          let unknown = try #require(fields[key])
          print("\(topology.rawValue) \(device): \(key): \(unknown.isEmpty ? "none" : unknown)")
          if !isLater { #expect(unknown.isEmpty, "\(device): \(unknown)") }
        }
      }
    }
  }

  /// RSS by ETHTOOL_MSG_RSS_SET, _CREATE_ACT and _DELETE_ACT, each part of it; the ioctl is not asked
  /// to change anything.
  @Test(arguments: [Topology.virtualNewest].filter(\.isOffered))
  func setsRSSByNetlink(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      try guest.renewOwnNIC()
      func get(_ knob: String) throws -> String? {
        try JSONFields(guest.shell("rxtune get \(knob) rxlab0 --json")).values
          .first { $0.key.hasSuffix(".value") }?.value
      }
      let key = FlowTests.key
      try guest.countCalls(["ethnl_rss_set", "ethtool_set_rxfh", "ethtool_set_rxfh_fields"])
      for (knob, value) in [
        ("rss.indirection", "equal 3"), ("rss.hash-key", key), ("rss.hash-function", "xor"),
        ("rss.input-xfrm", "symmetric-xor"), ("rss.hash-fields", "udp4:sdfn"),
        ("rss.contexts", "3 equal 2 from 4 transform symmetric-xor fields tcp4:sd"),
        ("rss.contexts", "1 equal 4; 3 equal 2"),
      ] {
        let before = try get(knob)
        try guest.shell("rxtune set \(knob)='\(value)' rxlab0")
        let after = try get(knob)
        #expect(after != before, "\(knob)")
        try guest.shell("rxtune rollback")
        let last = try get(knob)
        #expect(last == before, "\(knob): \(value)")
      }
      let calls = try guest.callCounts()
      print("\(topology.rawValue): calls \(calls)")
      #expect(calls["ethnl_rss_set", default: 0] >= 10)
      #expect(calls["ethtool_set_rxfh", default: 0] == 0)
      #expect(calls["ethtool_set_rxfh_fields", default: 0] == 0)
    }
  }

  /// A NAPI instance polled by a thread, and by one that never sleeps; the rollback ends both.
  @Test(arguments: [Topology.igbNewest].filter(\.isOffered))
  func pollsByThreads(_ topology: Topology) async throws {
    try await Lab.run(topology) { guest in
      try guest.waitForLink("eth0")
      func threads() throws -> Int {
        try Int(guest.shell("ps | grep -c '[n]api/eth0' || true")) ?? -1
      }
      let place = "stages.napi.instances.0.threaded"
      let before = try threads()
      for value in ["1", "2"] {
        let id = try #require(
          try JSONFields(guest.shell("rxtune show eth0 --json"))[
            "devices.eth0.stages.napi.instances.0.id"])
        try guest.shell("rxtune set napi.threaded=\(value) eth0 napi-\(id)")
        let fields = try JSONFields(guest.shell("rxtune show eth0 --json"))
        #expect(fields["devices.eth0.\(place)"] == value)
        #expect(try threads() == before + 1)
        try guest.shell("rxtune rollback")
        #expect(try threads() == before)
      }
    }
  }
}

extension Guest {
  /// Counts calls of these functions of the kernel from now on.
  fileprivate func countCalls(_ functions: [String]) throws {
    try shell(
      """
      [ -e /sys/kernel/tracing/kprobe_events ] || mount -t tracefs none /sys/kernel/tracing
      cd /sys/kernel/tracing
      echo 0 >events/kprobes/enable 2>/dev/null
      echo >kprobe_events
      for function in \(functions.joined(separator: " ")); do
        echo "p:$function $function" >>kprobe_events
      done
      echo 1 >events/kprobes/enable
      """)
  }

  fileprivate func callCounts() throws -> [String: Int] {
    let profile = try shell("cat /sys/kernel/tracing/kprobe_profile")
    return profile.split(separator: "\n").reduce(into: [:]) { counts, line in
      let words = line.split(separator: " ")
      if words.count == 3 { counts[String(words[0])] = Int(words[1]) }
    }
  }
}
