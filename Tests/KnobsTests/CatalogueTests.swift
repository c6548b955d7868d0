import Foundation
import Testing

@testable import Knobs

@Suite("The catalogue") struct CatalogueTests {
  static let catalogue = Knob.catalogue

  @Test func idsAndAliasesAreUnique() {
    var seen: Set<String> = []
    for knob in Self.catalogue {
      for name in [knob.id] + knob.aliases {
        #expect(seen.insert(name.lowercased()).inserted, "\(name) is there twice")
      }
    }
  }

  /// A constant that no list names would be a knob that nobody finds.
  @Test func everyConstantIsListed() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Knobs").standardizedFileURL
    var constants: [String] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where file.hasSuffix("Knobs.swift") {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      constants += text.matches(of: /package static let (\w+) =/).map { String($0.1) }
    }
    #expect(Set(constants).count == constants.count)
    #expect(constants.count == Self.catalogue.count)
  }

  @Test(arguments: catalogue)
  func everyRowIsWhole(knob: Knob) throws {
    #expect(!knob.summary.isEmpty && !knob.summary.hasSuffix("."))
    // A document or a specification of the kernel's, or a page of the manual.
    let documents: [Regex<Substring>] = [
      #/(?:admin-guide|core-api|networking|power)/[a-z0-9_/-]+\.rst/#,
      #/netlink/specs/[a-z-]+\.yaml/#, #/ABI/testing/sysfs-[a-z-]+/#, #/[a-z]+\([2-8]\)/#,
    ]
    #expect(documents.contains { knob.document.wholeMatch(of: $0) != nil }, "\(knob.document)")
    if let since = knob.since {
      let number = since.drop { $0 == "~" }.prefix { $0.isNumber || $0 == "." }
      #expect(number.split(separator: ".").count >= 2, "\(since)")
    }
    if let notes = knob.notes {
      #expect(!notes.contains("  ") && notes.hasSuffix("."))
    }
    #expect(knob.id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
  }

  @Test(arguments: catalogue)
  func whatIsInvalidatedExists(knob: Knob) {
    for reset in knob.invalidates {
      #expect(!reset.knobs.isEmpty, "\(reset) means no knob")
      #expect(!reset.contains(knob))
      #expect(reset.knobs.allSatisfy(Self.catalogue.contains))
    }
    // A risk of resetting names what is reset, and the other way round.
    #expect(knob.risks.contains(.resets) == !knob.invalidates.isEmpty)
  }

  @Test(arguments: catalogue)
  func unitRangeAndAccessAgree(knob: Knob) {
    switch knob.form {
    case .word: break
    case .flag, .text, .table, .key, .hashFields, .contexts, .rules, .privateFlags, .profile:
      #expect(knob.range == .any)
    case .set: #expect(knob.range == .existing)
    case .number, .numbers:
      switch knob.range {
      case .between(let low, let high): #expect(low < high)
      case .reported: break
      default: Issue.record("a number has a range")
      }
    }
    if case .sysctl(let path) = knob.access {
      #expect(String(path.map { $0 == "/" ? "." : $0 }) == knob.id)
    }
    switch (knob.scope, knob.access) {
    case (.host, .sysctl), (.namespace, .sysctl), (.host, .irqDefault), (.host, .latencyRequest),
      (.device, .deviceFile), (.device, .ethtool), (.device, .ethtoolFlag),
      (.device, .ethtoolChoice), (.device, .moderationProfile), (.device, .feature),
      (.device, .link), (.device, .tunable), (.device, .rss), (.device, .flowRules),
      (.device, .privateFlags), (.device, .derived), (.rxQueue, .queueFile),
      (.txQueue, .queueFile), (.rxQueue, .queueCoalesce), (.txQueue, .queueCoalesce),
      (.napi, .napi), (.irq, .irqFile), (.cpu, .cpuFile), (.cpu, .idleStates),
      (.socket, .socketOption), (.socket, .epollParameters):
      break
    default: Issue.record("\(knob.id): \(knob.scope.rawValue) scope at \(knob.access)")
    }
  }

  @Test func theOrderIsThatOfTheStages() throws {
    let order = Self.catalogue.map { Stage.allCases.firstIndex(of: $0.stage) }
    #expect(order.compactMap(\.self).count == Self.catalogue.count)
    #expect(order.compactMap(\.self) == order.compactMap(\.self).sorted())
    #expect(Set(Self.catalogue.map(\.stage)).count == Stage.allCases.count)
  }

  /// Everything that scaling.rst, napi.rst, ethtool-netlink.rst, sysctl/net.rst and ip-sysctl.rst
  /// offer along the path, counted by group: a row that is lost or doubled changes a count.
  @Test func everyDocumentedSettingIsThere() {
    let counts = Dictionary(grouping: Self.catalogue, by: \.group.name).mapValues(\.count)
    #expect(
      counts == [
        "link": 4, "tunable": 3, "private-flags": 1, "pause": 3, "rings": 11, "channels": 4,
        "irq": 5, "coalesce": 31, "queue": 15, "napi": 4, "device": 3, "features": 8, "rss": 6,
        "flow-rules": 1, "arfs": 1, "epoll": 3, "socket": 14, "cpu-dma-latency": 1, "cpufreq": 1,
        "cpuidle": 1, "net": 37,
      ])
  }

  @Test(arguments: [
    ("coalesce.rx-usecs", "coalesce.rx-usecs"), ("coalesce.rx_usecs", "coalesce.rx-usecs"),
    ("coalesce.rx-max-frames", "coalesce.rx-frames"), ("netdev_budget", "net.core.netdev_budget"),
    ("net.core.netdev-budget", "net.core.netdev_budget"), ("mtu", "link.mtu"),
    ("SO_REUSEPORT", "socket.so-reuseport"), ("combined", "channels.combined"),
  ])
  func namesAreForgiving(typed: String, id: String) {
    #expect(Knob.named(typed)?.id == id)
  }

  @Test(arguments: ["", "rx", "threaded", "eth0", "coalesce", "coalesce.", "*"])
  func ambiguousNamesNameNothing(typed: String) {
    #expect(Knob.named(typed) == nil)
  }

  @Test func ethtoolsMessagesAreWhereTheyAreLookedFor() {
    let inMessages = Self.catalogue.filter {
      switch $0.access {
      case .ethtool, .ethtoolFlag, .ethtoolChoice, .moderationProfile: true
      default: false
      }
    }
    #expect(inMessages.count > 40)
    #expect(inMessages.allSatisfy(Knob.ethtool.contains))
    // One message's parameters are shown in this order.
    let places = Knob.ethtool.map { Self.catalogue.firstIndex(of: $0) ?? -1 }
    #expect(places == places.sorted())
  }

  @Test(arguments: Stage.allCases)
  func aStageMeansAllOfIt(stage: Stage) {
    let ofStage = Self.catalogue.filter { $0.stage == stage }
    for name in [stage.rawValue, stage.rawValue.uppercased(), stage.title] {
      let matching = Knob.matching(name)
      #expect(ofStage.allSatisfy(matching.contains), "\(name)")
      // A group of the same name is meant as well.
      #expect(
        matching.allSatisfy { $0.stage == stage || $0.group.name == stage.rawValue }, "\(name)")
    }
    #expect(Knob.collectiveNames.filter { $0 == stage.rawValue }.count == 1)
  }

  @Test func patternsMeanGroups() {
    #expect(Knob.matching("coalesce") == Knob.Group.coalesce.knobs)
    #expect(Knob.matching("napi.") == Knob.Group.napi.knobs)
    #expect(Knob.matching("device").contains { $0.id == "device.gro-flush-timeout" })
    #expect(Knob.matching("napi.*").count == 4)
    #expect(Knob.matching("*").count == Self.catalogue.count)
    #expect(Knob.matching("*rps*").map(\.id).contains("queue.rps-cpus"))
    #expect(Knob.matching("queue.*cpus").map(\.id) == ["queue.rps-cpus", "queue.xps-cpus"])
    #expect(Knob.matching("net.core.").allSatisfy { $0.id.hasPrefix("net.core.") })
    #expect(Knob.matching("nonsense").isEmpty && Knob.matching("").isEmpty)
    #expect(Knob.matching("a*a").isEmpty)
  }
}
