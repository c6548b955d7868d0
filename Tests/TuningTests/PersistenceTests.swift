import Knobs
import ReceivePath
import TestSupport
import Testing

@testable import Tuning

@Suite struct PersistenceTests {
  @Test func namesTheDeviceAsSystemdDoes() throws {
    let files = try Persistence(profile: "spread", device: "br-lan", program: "/usr/bin/rxtune")
      .files
    #expect(
      files.map(\.path) == [
        "etc/systemd/system/rxtune-br-lan.service", "etc/udev/rules.d/90-rxtune-br-lan.rules",
        "etc/systemd/system/rxtune-watch.service",
      ])
    #expect(files[0].text.contains("BindsTo=sys-subsystem-net-devices-br\\x2dlan.device\n"))
    #expect(
      files[0].text.contains(
        "ExecStart=/usr/bin/rxtune apply --irqbalance=ignore spread br-lan\n"))
    // What fails once, for a device that is not ready, is tried again.
    #expect(files[0].text.contains("Type=oneshot\n"))
    #expect(files[0].text.contains("Restart=on-failure\nRestartSec=2\n"))
    #expect(files[1].text.contains("NAME==\"br-lan\""))
  }

  @Test(arguments: ["a b", "x\"", "%n", "$x", "-x", "", "a\nb", "é"])
  func refusesNamesThatMeanSomethingElse(_ name: String) {
    #expect(throws: TuningError.self) {
      try Persistence(profile: "spread", device: name, program: "/usr/bin/rxtune")
    }
    #expect(throws: TuningError.self) {
      try Persistence(profile: name, device: "eth0", program: "/usr/bin/rxtune")
    }
  }

  @Test(.enabled(if: Shell.has("systemd-analyze"), "needs systemd-analyze"))
  func systemdTakesTheUnits() throws {
    let root = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(root)'") }
    let files = try Persistence(profile: "spread", device: "eth0", program: "/bin/true").files
    for file in files where file.path.hasSuffix(".service") {
      let name = file.path.split(separator: "/").last ?? ""
      try Shell.run("cat > '\(root)/\(name)' <<'END'\n\(file.text)END")
    }
    let result = try Shell.result(
      "systemd-analyze verify '\(root)'/rxtune-eth0.service '\(root)'/rxtune-watch.service")
    #expect(result.status == 0, "\(result.output)")
    #expect(!result.output.contains("rxtune-"), "\(result.output)")
  }
}

@Suite struct ExportTests {
  private func settings() throws -> [Setting] {
    func setting(_ id: String, _ value: KnobValue, at place: Place = .device("eth0")) throws
      -> Setting
    {
      Setting(try #require(Knob.named(id)), at: place, value)
    }
    return [
      try setting("features.rx-lro", .flag(false)), try setting("channels.combined", .number(8)),
      try setting("rings.rx", .number(4096)), try setting("coalesce.rx-usecs", .number(8)),
      try setting("coalesce.adaptive-rx", .flag(true)),
      try setting("rss.indirection", .text("equal 4")),
      try setting("queue.rps-cpus", .cpus(CPUSet([1])), at: .queue(device: "eth0", .rx, 0)),
      try setting("net.core.netdev_budget", .number(600), at: .host),
      try setting("net.core.rps_default_mask", .cpus(CPUSet([0, 33])), at: .host),
    ]
  }

  static let formats: [(Export.Format, String, Int)] = [
    (
      .systemdLink,
      """
      [Match]
      OriginalName=eth0

      [Link]
      LargeReceiveOffload=no
      CombinedChannels=8
      RxBufferSize=4096
      RxCoalesceSec=8us
      UseAdaptiveRxCoalesce=yes

      """, 4
    ),
    (
      .sysctl,
      """
      net.core.netdev_budget = 600
      net.core.rps_default_mask = 2,00000001

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

      """, 4
    ),
  ]

  @Test(arguments: formats)
  func speaksTheOthersWords(_ format: Export.Format, _ text: String, _ left: Int) throws {
    let export = Export(try settings(), device: "eth0", format: format)
    #expect(export.text == text)
    #expect(export.left.count == left)
  }
}
