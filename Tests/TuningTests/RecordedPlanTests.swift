import Glibc
import KernelIO
import Knobs
import ReceivePath
import TestSupport
import Testing

@testable import Rendering
@testable import Tuning

/// Each built-in profile on each recorded host gives the plan that stands in Plans/, word for word.
///
/// RXTUNE_RECORD=1 writes them anew; the difference is then for a person to read.
@Suite("Plans for recorded hosts") struct RecordedPlanTests {
  /// A file of Tests/Fixtures, and the devices that are tuned.
  struct Machine: Sendable, CustomStringConvertible {
    var capture: String
    var devices: [String]
    var description: String { "\(capture) \(devices.joined(separator: " "))" }
  }

  static let machines = [
    Machine(capture: "e1000e", devices: ["eth0"]), Machine(capture: "igb", devices: ["eth0"]),
    Machine(capture: "igb-6.12", devices: ["eth0"]),
    Machine(capture: "igb-7.3", devices: ["eth0"]),
    Machine(capture: "two-igb", devices: ["eth0", "eth1"]),
    Machine(capture: "virtio-4q", devices: ["eth0"]),
    Machine(capture: "virtio-4q-7.3", devices: ["eth0"]),
    Machine(capture: "virtio-64q", devices: ["eth0"]),
    Machine(capture: "virtual", devices: ["rxlab0"]),
    Machine(capture: "virtual-7.3", devices: ["rxlab0"]),
    Machine(capture: "vmxnet3", devices: ["eth0"]),
  ]

  private static let tests =
    #filePath.split(separator: "/").dropLast(2).reduce(into: "") { $0 += "/" + $1 }

  static func settings(_ capture: String) throws -> HostSettings {
    let bytes = try LocalFile.read("\(tests)/Fixtures/\(capture).capture")
    return HostSettings(Host(ReplayKernel(try Capture.parse(bytes))))
  }

  static func plan(_ profile: String, _ machine: Machine) throws -> Plan {
    let settings = try settings(machine.capture)
    let requests = try ProfileLibrary(directory: "/nonexistent").profile(profile).requests
    return Planner(settings).plan(requests, devices: machine.devices)
  }

  @Test(arguments: machines)
  func plansAsRecorded(_ machine: Machine) throws {
    var text = ""
    for profile in ProfileLibrary.builtIn.map(\.name) {
      let plan = try Self.plan(profile, machine)
      text += "# \(profile)\n" + plan.lines.joined(separator: "\n") + "\n\n"
    }
    let path = "\(Self.tests)/TuningTests/Plans/recorded-\(machine.capture).txt"
    if unsafe getenv("RXTUNE_RECORD") != nil { try LocalFile.write(path, Array(text.utf8)) }
    let golden = String(decoding: try LocalFile.read(path), as: UTF8.self)
    #expect(text == golden)
  }

  /// On no recorded host does a built-in profile have RPS interrupt CPUs that take interrupts, or
  /// any where a receive queue's own interrupt is not known.
  @Test(arguments: ProfileLibrary.builtIn.map(\.name))
  func spreadsRPSOverFreeCPUsOnly(_ profile: String) throws {
    let requests = try ProfileLibrary(directory: "/nonexistent").profile(profile).requests
    let captures = try ["", "Reported/"].flatMap { folder in
      try LocalDirectory.list("\(Self.tests)/Fixtures/\(folder)")
        .filter { $0.hasSuffix(".capture") }.map { folder + $0.dropLast(".capture".count) }
    }
    #expect(captures.count > 2 * Self.machines.count)
    for capture in captures {
      for link in try Self.settings(capture).host.links() {
        let settings = try Self.settings(capture)
        guard settings.host.isPhysical(link) else { continue }
        let plan = Planner(settings)
          .plan(requests, devices: [link.name])
        let all = plan.changes.map(\.setting) + plan.satisfied
        func cpus(_ knob: String) -> [CPUSet] {
          all.filter { $0.knob.id == knob && $0.place.device == link.name }
            .compactMap { if case .cpus(let cpus) = $0.value { cpus } else { nil } }
        }
        let rps = cpus("queue.rps-cpus").filter { !$0.isEmpty }
        guard !rps.isEmpty else { continue }
        let interrupted = cpus("irq.smp-affinity")
        #expect(interrupted.count >= rps.count, "\(capture) \(link.name)")
        for one in rps {
          #expect(
            interrupted.allSatisfy { $0.intersection(one).isEmpty }, "\(capture) \(link.name)")
        }
      }
    }
  }

  struct Unknown: Sendable, CustomStringConvertible {
    var capture: String
    var device: String
    var says: String
    var description: String { "\(capture) \(device)" }
  }

  /// Where an interrupt is not known, the plan says why, and how to go on.
  @Test(arguments: [
    Unknown(
      capture: "mlx4", device: "eth0",
      says: "the interrupt of rx-0 to rx-7 is not known (VMBus: no interrupts of its own)"),
    Unknown(
      capture: "mvneta", device: "eth0",
      says: "the interrupt of rx-0 to rx-7 is not known (/proc/interrupts names only the driver, "
        + "mvneta)"),
  ])
  func saysWhyRPSIsLeftAlone(_ row: Unknown) throws {
    let plan = try Self.plan(
      "spread", Machine(capture: "Reported/\(row.capture)", devices: [row.device]))
    #expect(!(plan.changes.map(\.setting) + plan.satisfied).contains { $0.knob.group == .queue })
    let notes = plan.caveats.filter { $0.knob?.id == "queue.rps-cpus" }
    #expect(
      notes.map(\.description) == [
        "\(row.device) queue.rps-cpus: left alone: \(row.says). Find the interrupts in "
          + "/proc/interrupts and set it by hand: rxtune set queue.rps-cpus=LIST \(row.device)"
      ])
  }
}
