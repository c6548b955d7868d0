import Foundation
import KernelIO
import Testing

@testable import Diagnosis
@testable import ReceivePath

/// What the rules say of every recorded host of Tests/Fixtures, those that people described included.
@Suite("Doctor on recorded hosts") struct RecordedHostTests {
  /// What is wrong with some of them; the others are healthy.
  static let expected: [String: [String]] = [
    // Two moments under load.
    "Moments/container": ["accept-queue"],
    "Moments/igb-one-cpu": ["irq-one-cpu"],
    "Moments/vmxnet3-ring-overrun": ["ring-overrun"],
    // All vectors on CPU 0 since boot.
    "Reported/ena-xen": ["irq-one-cpu"],
    // RPS of rx-1 to CPU 1, which has a queue of its own.
    "igb-7.3": ["rps-redundant"],
    // Tables over three queues of four, and two.
    "virtio-4q": ["table-gap"],
    "virtio-4q-7.3": ["table-gap"],
  ]

  static let captures: [String] = {
    let folder = Patient.fixtures.path(percentEncoded: false)
    let all = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return all.filter { $0.hasSuffix(".capture") }.map { String($0.dropLast(8)) }.sorted()
  }()

  static func checkup(_ capture: String) throws -> Checkup {
    let moments = try Patient.moments(capture)
    let host = try #require(moments.first)
    let links = host.chosen(try host.links(), named: []).links
    var surroundings = Surroundings()
    surroundings.topology = try? host.topology()
    let before = host.snapshot(of: links, isWhole: true)
    let later = try moments.dropFirst().last.map { host in
      let links = host.chosen(try host.links(), named: []).links
      return host.snapshot(of: links, isWhole: true)
    }
    return Checkup(
      Examination(
        later ?? before, since: later.map { _ in before }, settings: host.settings(of: Rule.reads),
        surroundings: surroundings))
  }

  @Test(arguments: captures) func hasTheFaultsItIsKnownFor(_ capture: String) throws {
    let checkup = try Self.checkup(capture)
    #expect(checkup.found.map(\.rule.id) == Self.expected[capture, default: []])
  }

  /// The rules against all hosts, as a table for the reader.
  @Test func hitsMissesAndFalseAlarms() throws {
    var (hits, misses, alarms) = (0, 0, 0)
    var lines: [String] = []
    func add(_ host: String, found: [String], expected: [String]) {
      let hit = expected.filter(found.contains).count
      let (missed, false_) = (expected.count - hit, found.filter { !expected.contains($0) }.count)
      (hits, misses, alarms) = (hits + hit, misses + missed, alarms + false_)
      let words = found.isEmpty ? "–" : found.joined(separator: " ")
      lines.append("  \(host): \(words)" + (missed + false_ > 0 ? "  WRONG" : ""))
    }
    for capture in Self.captures {
      add(
        capture, found: try Self.checkup(capture).found.map(\.rule.id),
        expected: Self.expected[capture, default: []])
    }
    for fault in Fault.all {
      add(
        fault.testDescription, found: try fault.patient().found, expected: [fault.rule])
    }
    for alarm in FalseAlarm.all {
      var patient = try Patient(alarm.fixture)
      try alarm.inflict(&patient)
      add("no \(alarm.testDescription)", found: patient.found, expected: [])
    }
    print(lines.joined(separator: "\n"))
    print("\(hits) hits, \(misses) misses, \(alarms) false alarms on \(lines.count) hosts")
    #expect(misses == 0 && alarms == 0)
    #expect(Self.captures.count > 30)
  }
}
