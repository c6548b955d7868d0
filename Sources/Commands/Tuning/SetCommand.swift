import ArgumentParser
import Knobs
import ReceivePath
import Tuning

struct SetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Set knobs; if any write fails, none is kept.",
    discussion: """
      Takes KNOB=VALUE pairs (rxtune knobs lists the knobs): CPU sets as 0-3,8, and a policy \
      (spread, complement, …) where the knob has one. Then come devices and parts of them: rx-3, \
      tx-0, napi-261, irq-39, cpu2. Without parts, sets all of them. rxtune records the old \
      values in a journal, then writes, and reads each write back; if one fails, it restores all.

      Examples:
        rxtune set queue.rps-cpus=1-3 eth0 rx-0
            Spread one queue's packets over three CPUs.
        rxtune set channels.combined=max irq.smp-affinity=spread eth0
            Use all queues, each with a core of its own.
        rxtune set net.core.netdev_budget=600 --dry-run
            Show what would be written; write nothing.
      """)

  @Argument(help: "KNOB=VALUE, then devices and their parts.")
  var words: [String]

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let given = SetWords(words)
    let requests = try given.requests()
    guard !requests.isEmpty else {
      throw ValidationError("nothing to set: give KNOB=VALUE")
    }
    let runner = ChangeRunner(options, command: "set " + words.joined(separator: " "))
    try runner.run(requests, devices: try runner.devices(named: given.names))
  }
}

/// KNOB=VALUE, devices and their parts, in any order.
struct SetWords {
  private var assignments: [String] = []
  private var parts: Set<Place.Part> = []
  /// Of devices.
  private(set) var names: [String] = []

  init(_ words: some Sequence<String>) {
    for word in words {
      if word.contains("=") {
        assignments.append(word)
      } else if let part = Place.Part(typed: word) {
        parts.insert(part)
      } else {
        names.append(word)
      }
    }
  }

  func requests() throws -> [Request] { try assignments.map { try Self.request($0, parts) } }

  private static func request(
    _ assignment: String, _ places: Set<Place.Part>
  ) throws -> Request {
    let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let knob = Knob.named(name) else { throw ValidationError(Knob.unknown(name)) }
    let value = parts.count == 2 ? String(parts[1]) : ""
    let fitting = places.filter { knob.fits($0) }
    if !places.isEmpty && fitting.isEmpty && knob.scope != .host && knob.scope != .device {
      throw ValidationError(
        "\(knob.id) belongs to \(knob.scope.summary), not to "
          + places.map(\.description).sorted().joined(separator: ", "))
    }
    return Request(
      knob, Request.Value(value, for: knob), places: fitting.isEmpty ? nil : fitting)
  }
}
