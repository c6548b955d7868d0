import ArgumentParser
import KernelIO
import ReceivePath
import Rendering
import Tuning

/// What `set`, `apply` and the structured setters share: they plan a change, make it and print it.
struct ChangeRunner {
  private let options: ChangeOptions
  /// As it goes into the journal: "set queue.rps-cpus=0-3 eth0".
  private let command: String
  private let changes: Changes

  var settings: HostSettings { changes.settings }

  init(_ options: ChangeOptions, command: String) {
    self.options = options
    self.command = command
    changes = options.state.changes()
  }

  /// Devices by their own names; an unknown one ends the command before anything is done.
  func devices(named names: [String]) throws -> [String] {
    names.isEmpty ? [] : try settings.host.allDevices(named: names).map(\.name)
  }

  func run(_ requests: [Request], devices: [String], profile: String? = nil) throws {
    try run { planner in planner.plan(requests, devices: devices, profile: profile) }
  }

  func run(_ draft: (Planner) throws -> Plan) throws {
    let format = OutputFormat(json: options.json)
    if options.isDryRun {
      let plan = try changes.rehearse(by: options.rules, draft)
      try print(plan, as: format, failing: plan.failure(force: options.force))
      if !plan.changes.isEmpty { throw ExitStatus.difference }
      return
    }
    let made = try changes.make(command, by: options.rules, draft)
    try print(ChangeDocument(made), as: format)
  }
}

extension Plan {
  /// What keeps it from being carried out; its own lines say so.
  func failure(force: Bool) -> Failure? {
    let blockers = blockers(force: force)
    guard !blockers.isEmpty else { return nil }
    var problem = Problem(refusing: blockers, self)
    problem.plan = nil
    return Failure([], problem)
  }
}
