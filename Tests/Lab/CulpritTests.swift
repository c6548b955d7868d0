import Foundation
import Testing

/// What took settings from their values, on real drivers: channels, the link and CPUs, each by
/// another program.
@Suite(.lab)
struct CulpritTests {
  /// In the second guest: a CPU that was offline is not as it was.
  @Test(arguments: Topology.multiqueue)
  func namesWhatChangedThem(_ topology: Topology) async throws {
    try await Lab.run(topology, .second) { guest in
      try guest.bringUp()
      if !topology.hasOwnNIC {
        try Self.aLinkThatWentDownAndUp(guest)
        try guest.forgetChanges()
        try Self.aCPUThatWentOffline(guest)
        try guest.forgetChanges()
      }
      try Self.aChannelChangeOfAnotherProgram(guest)
    }
  }

  private struct Verification: Decodable {
    struct Row: Decodable {
      struct Culprit: Decodable {
        let kind: String
        let text: String
      }
      let knob: String
      let asWanted: Bool
      let culprit: Culprit?

      enum CodingKeys: String, CodingKey {
        case knob, culprit
        case asWanted = "as-wanted"
      }
    }
    let settings: [Row]
  }

  /// The kinds of culprits that `rxtune verify` names, by knob; what is as it was set has none.
  private static func culprits(_ guest: Guest) throws -> [String: Set<String>] {
    let output = try guest.run("rxtune verify --json").output
    let verification = try JSONDecoder().decode(Verification.self, from: Data(output.utf8))
    #expect(!verification.settings.isEmpty, "\(output)")
    var kinds: [String: Set<String>] = [:]
    for row in verification.settings where !row.asWanted {
      kinds[row.knob, default: []].insert(row.culprit?.kind ?? "none")
    }
    return kinds
  }

  private static func aChannelChangeOfAnotherProgram(_ guest: Guest) throws {
    let device = guest.topology.device
    try guest.shell("rxtune set queue.rps-cpus=0-1 \(device)")
    #expect(try culprits(guest) == [:])
    let channels = try guest.shell(
      "ethtool -l \(device) | sed -n 's/^Combined:[^0-9]*//p' | tail -n 1")
    try guest.shell(
      "ethtool -L \(device) combined 2 && ethtool -L \(device) combined \(channels)")
    #expect(try culprits(guest) == ["queue.rps-cpus": ["channel-change"]])
    // Ours is told from theirs.
    try guest.shell("rxtune rollback && rxtune set queue.rps-cpus=0-1 \(device)")
    try guest.shell("rxtune channels \(device) combined=2")
    try guest.shell("ethtool -L \(device) combined 3")
    let theirs = try culprits(guest)
    #expect(theirs["queue.rps-cpus"]?.contains("own-change") == true, "\(theirs)")
    print("\(guest.topology.rawValue): \(try guest.run("rxtune verify").output)")
    try guest.shell("rm -rf /run/rxtune; ethtool -L \(device) combined \(channels)")
  }

  /// These drivers keep their vectors and masks over it: nothing has drifted, and who changes a mask
  /// after it is somebody else.
  private static func aLinkThatWentDownAndUp(_ guest: Guest) throws {
    let device = guest.topology.device
    try guest.shell("rxtune set irq.smp-affinity=1 queue.rps-cpus=0-1 \(device)")
    #expect(try culprits(guest) == [:])
    try guest.shell("/bin/ip link set \(device) down && /bin/ip link set \(device) up")
    try guest.waitForLink(device)
    #expect(try culprits(guest) == [:])
    try guest.shell("echo 8 >/sys/class/net/\(device)/queues/rx-1/rps_cpus")
    #expect(try culprits(guest)["queue.rps-cpus"] == ["other-program"])
    print("\(guest.topology.rawValue): \(try guest.run("rxtune verify").output)")
  }

  private static func aCPUThatWentOffline(_ guest: Guest) throws {
    let device = guest.topology.device
    try guest.shell("rxtune set irq.smp-affinity=2 \(device)")
    try guest.shell("echo 0 >/sys/devices/system/cpu/cpu2/online")
    let gone = try culprits(guest)
    #expect(gone == ["irq.smp-affinity": ["cpu-offline"]])
    print("\(guest.topology.rawValue): \(try guest.run("rxtune verify").output)")
    try guest.shell("echo 1 >/sys/devices/system/cpu/cpu2/online")
    let back = try culprits(guest)
    #expect(back.isEmpty || back == ["irq.smp-affinity": ["cpu-offline"]], "\(back)")
    print("\(guest.topology.rawValue): \(try guest.run("rxtune verify").output)")
  }
}
