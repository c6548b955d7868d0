import Knobs
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Tuning

@Suite(.ownThread) struct PersistenceTests {
  @Test func namesTheProfileInAFileOfTheDevice() throws {
    let persistence = try Persistence(profile: "spread", device: "br-lan")
    #expect(persistence.path == "etc/rxtune/devices/br-lan")
    #expect(persistence.text.hasSuffix("\nRXTUNE_PROFILE=spread\n"))
    #expect(Persistence.unitName("br-lan") == "rxtune@br-lan.service")
  }

  @Test(arguments: ["a b", "x\"", "%n", "$x", "-x", "", "a\nb", "é"])
  func refusesNamesThatMeanSomethingElse(_ name: String) {
    #expect(throws: ProfileError.self) { try Persistence(profile: "spread", device: name) }
    #expect(throws: ProfileError.self) { try Persistence(profile: name, device: "eth0") }
  }

  @Test func unitsCallTheProgramThatWroteThem() {
    let unit = SystemUnit.device.text(program: "/opt/rxtune")
    #expect(
      unit.contains("\nExecStart=/opt/rxtune apply --irqbalance=ignore ${RXTUNE_PROFILE} %i\n"))
    // What fails once, for a device that is not ready, is tried again.
    #expect(unit.contains("\nType=oneshot\n") && unit.contains("\nRestart=on-failure\n"))
    for unit in [SystemUnit.device, .watch] {
      let text = unit.text(program: "/opt/rxtune")
      #expect(text.contains("\nProtectSystem=strict\n"))
      // That is where the settings are.
      #expect(!text.contains("\nProtectKernelTunables="))
      #expect(!text.contains("@program@") && !text.contains("@sandbox@"))
    }
  }

  /// A device has a file, all of them the units; no name of a device is a unit's.
  @Test func aDeviceCalledWatchLeavesTheWatchAlone() throws {
    try inRoot { root in
      let files = UnitFiles(root: root)
      let units = try files.install(program: "/usr/bin/rxtune")
      #expect(
        units == [
          "\(root)/etc/systemd/system/rxtune@.service",
          "\(root)/etc/systemd/system/rxtune-watch.service",
          "\(root)/etc/udev/rules.d/90-rxtune.rules",
        ])
      let path = try files.write(Persistence(profile: "spread", device: "watch"))
      #expect(files.devices == ["watch"] && !units.contains(path))
      // Once they are there, a second device needs no more.
      #expect(try files.install(program: "/usr/bin/rxtune") == [])
      #expect(try files.remove() == units)
    }
  }

  /// The units of a package are used, and not hidden by older ones of /etc; those of an
  /// administrator are nobody else's.
  @Test func leavesToThePackageWhatItBrought() throws {
    try inRoot { root in
      let files = UnitFiles(root: root)
      let written = try files.install(program: "/usr/local/bin/rxtune")
      try Shell.run(
        """
        cd '\(root)' && mkdir -p lib/systemd/system usr/lib/udev/rules.d
        touch lib/systemd/system/rxtune@.service lib/systemd/system/rxtune-watch.service
        touch usr/lib/udev/rules.d/90-rxtune.rules
        echo '[Unit]' >etc/systemd/system/rxtune-watch.service
        """)
      #expect(try files.install(program: "/usr/bin/rxtune") == [written[0], written[2]])
      #expect(try files.remove() == [])
      #expect(try Shell.run("cat '\(written[1])'") == "[Unit]\n")
    }
  }

  @Test(.enabled(if: Shell.has("systemd-analyze"), "needs systemd-analyze"))
  func systemdTakesTheUnits() throws {
    try inRoot { root in
      for unit in [SystemUnit.device, .watch] {
        try Shell.run("cat > '\(root)/\(unit.name)' <<'END'\n\(unit.text(program: "/bin/true"))END")
      }
      let result = try Shell.result(
        """
        systemd-analyze verify --man=no '\(root)'/rxtune@br-lan.service '\(root)'/rxtune-watch.service
        """)
      #expect(result.status == 0, "\(result.output)")
      #expect(!result.output.contains("rxtune"), "\(result.output)")
    }
  }

  private func inRoot(_ body: (String) throws -> Void) throws {
    let root = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(root)'") }
    try body(root)
  }
}

@Suite struct ExportTests {
  private func setting(
    _ id: String, _ value: KnobValue, at place: Place = .device("eth0")
  ) throws -> Setting {
    Setting(try #require(Knob.named(id)), at: place, value)
  }

  private func settings() throws -> [Setting] {
    return [
      try setting("features.rx-lro", .flag(false)), try setting("channels.combined", .number(8)),
      try setting("rings.rx", .number(4096)), try setting("coalesce.rx-usecs", .number(8)),
      try setting("coalesce.adaptive-rx", .flag(true)),
      try setting("rss.indirection", .table(.equal(4))),
      try setting("queue.rps-cpus", .cpus(CPUSet([1])), at: .queue(device: "eth0", .rx, 0)),
      try setting("net.core.netdev_budget", .number(600), at: .host),
      try setting("net.core.rps_default_mask", .cpus(CPUSet([0, 33])), at: .host),
    ]
  }

  static let formats: [(Export.Format, String, Int)] = [
    (
      .systemdLink,
      """
      # /etc/systemd/network/10-rxtune-eth0.link
      # Applies instead of /usr/lib/systemd/network/99-default.link, and keeps the rest of it.
      [Match]
      PermanentMACAddress=52:54:00:77:00:02

      [Link]
      NamePolicy=keep kernel
      LargeReceiveOffload=no
      CombinedChannels=8
      RxBufferSize=4096
      RxCoalesceSec=8us
      UseAdaptiveRxCoalesce=yes
      # rss.indirection: systemd.link has no key for it
      # queue.rps-cpus on rx-0: systemd.link has one mask for all queues
      # net.core.netdev_budget: not the device's; --format sysctl.d has what sysctl can set
      # net.core.rps_default_mask: not the device's; --format sysctl.d has what sysctl can set

      """, 4
    ),
    (
      .sysctl,
      """
      net.core.netdev_budget = 600
      net.core.rps_default_mask = 2,00000001
      # features.rx-lro: no sysctl
      # channels.combined: no sysctl
      # rings.rx: no sysctl
      # coalesce.rx-usecs: no sysctl
      # coalesce.adaptive-rx: no sysctl
      # rss.indirection: no sysctl
      # queue.rps-cpus on rx-0: no sysctl

      """, 7
    ),
    (
      .ethtool,
      """
      #!/bin/sh -e
      ethtool -K eth0 rx-lro off
      ethtool -L eth0 combined 8
      ethtool -G eth0 rx 4096
      ethtool -C eth0 rx-usecs 8
      ethtool -C eth0 adaptive-rx on
      ethtool -X eth0 equal 4
      # queue.rps-cpus on rx-0: ethtool has no option for it
      # net.core.netdev_budget: not the device's; --format sysctl.d has what sysctl can set
      # net.core.rps_default_mask: not the device's; --format sysctl.d has what sysctl can set

      """, 3
    ),
    (
      .networkManager,
      """
      [ethtool]
      feature-lro=false
      channels-combined=8
      ring-rx=4096
      coalesce-rx-usecs=8
      coalesce-adaptive-rx=1
      # rss.indirection: NetworkManager has no property for it
      # queue.rps-cpus on rx-0: NetworkManager has no property for it
      # net.core.netdev_budget: not the device's; --format sysctl.d has what sysctl can set
      # net.core.rps_default_mask: not the device's; --format sysctl.d has what sysctl can set

      """, 4
    ),
  ]

  @Test(arguments: formats)
  func speaksTheOthersWords(_ format: Export.Format, _ text: String, _ left: Int) throws {
    var file = LinkFile(match: ["PermanentMACAddress=52:54:00:77:00:02"])
    file.displaced = "/usr/lib/systemd/network/99-default.link"
    file.kept = ["NamePolicy=keep kernel", "LargeReceiveOffload=yes"]
    let export = Export(
      try settings(), device: "eth0", receiveQueues: 2, linkFile: file, format: format)
    #expect(export.text == text)
    #expect(export.omissions.count == left)
  }

  @Test func saysOneSetOfCPUsForAllQueues() throws {
    func steering(_ cpus: CPUSet...) throws -> [Setting] {
      try cpus.enumerated().map {
        try setting("queue.rps-cpus", .cpus($1), at: .queue(device: "eth0", .rx, $0))
      }
    }
    func export(_ settings: [Setting], _ queues: Int) -> Export {
      Export(
        settings, device: "eth0", receiveQueues: queues,
        linkFile: LinkFile(match: ["Path=pci-0000:00:03.0"]), format: .systemdLink)
    }
    let same = export(try steering(CPUSet([0, 1, 4]), CPUSet([0, 1, 4])), 2)
    #expect(same.text.hasSuffix("ReceivePacketSteeringCPUMask=0-1,4\n"))
    #expect(same.omissions.isEmpty)
    #expect(export(try steering(CPUSet(), CPUSet()), 2).text.hasSuffix("CPUMask=disable\n"))
    // One mask is for all of them, or it is not theirs.
    for (other, queues) in [
      (try steering(CPUSet([0]), CPUSet([1])), 2), (try steering(CPUSet([0]), CPUSet([0])), 4),
    ] {
      let omissions = export(other, queues).omissions
      #expect(
        omissions.map(\.description) == [
          "queue.rps-cpus on rx-0 to rx-1: systemd.link has one mask for all queues"
        ])
    }
  }

  private static let subject = LinkFileSubject(
    name: "eth0", originalName: nil, address: "52:54:00:77:00:02",
    permanentAddress: "52:54:00:77:00:02", path: "pci-0000:00:03.0", driver: "igb")

  static let sections: [([(key: String, value: String)], Bool?)] = [
    ([("OriginalName", "*")], true), ([("OriginalName", "eth*")], nil), ([], false),
    ([("PermanentMACAddress", "52-54-00-77-00-02 00:00:00:00:00:01")], true),
    ([("MACAddress", "52:54:00:77:00:03")], false),
    ([("Path", "pci-0000:00:0?.0"), ("Driver", "e1000e igb")], true),
    ([("Path", "pci-0000:00:03.0-*")], false), ([("Driver", "!igb")], false),
    ([("Driver", "igb"), ("Host", "web1")], nil), ([("Host", "web1"), ("Driver", "r8169")], false),
    ([("Kind", "bond")], false),
  ]

  @Test func matchesAsUdevDoes() {
    for (section, verdict) in Self.sections {
      #expect(Self.subject.matches(section) == verdict, "\(section)")
    }
  }

  /// The first by name that matches, whatever directory it is in; one of /etc hides its namesake.
  @Test func findsTheFileThatItDisplaces() throws {
    let root = try Shell.run("mktemp -d").filter { $0 != "\n" } + "/"
    defer { _ = try? Shell.run("rm -rf '\(root)'") }
    try Shell.run(
      """
      cd '\(root)' && mkdir -p etc/systemd/network usr/lib/systemd/network
      printf '[Match]\\nOriginalName=*\\n\\n[Link]\\nNamePolicy=keep\\n' \
        >usr/lib/systemd/network/99-default.link
      printf '[Match]\\nDriver=igb\\n[Link]\\nName=wrong\\n' >usr/lib/systemd/network/50-lan.link
      printf '# ours\\n[Match]\\nDriver = igb\\n[Link]\\nName=lan0\\nMTUBytes=9000\\n' \
        >etc/systemd/network/50-lan.link
      printf '[Match]\\nHost=web1\\n' >etc/systemd/network/20-host.link
      printf '[Match]\\nOriginalName=*\\n' >etc/systemd/network/10-rxtune-eth0.link
      """)
    var file = LinkFile(match: [])
    file.findDisplaced(Self.subject, root: root)
    #expect(file.displaced == root + "etc/systemd/network/50-lan.link")
    #expect(file.kept == ["Name=lan0", "MTUBytes=9000"])
    #expect(file.undecided == [root + "etc/systemd/network/20-host.link"])
  }
}
