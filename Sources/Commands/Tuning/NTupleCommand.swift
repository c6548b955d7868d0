import ArgumentParser
import KernelIO
import Knobs
import ReceivePath
import Rendering
import Tuning

struct NTupleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ntuple", abstract: "Add, delete and list a device's flow rules (ethtool -N).",
    discussion: """
      Flow rules (ntuple, receive classification) choose a packet's queue by its addresses and \
      ports, before RSS does. They live in the NIC and need features.rx-ntuple-filter. The whole \
      table is one knob, flow-rules: rxtune records it before the first write, reads it back, and \
      restores it on rxtune rollback or when a channel change loses rules.

      Examples:
        rxtune ntuple add eth0 tcp4 dst-port 80 action 3
            Direct web traffic to queue 3.
        rxtune ntuple list eth0
            List the rules with their locations.
        rxtune ntuple del eth0 7
            Delete the rule at location 7.
      """,
    subcommands: [Add.self, Delete.self, List.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Add a rule.",
      discussion: """
        A rule is a flow type (tcp4, udp6, ip4, ether, …), fields with values, and an action, in \
        the syntax of ethtool -N. The fields are src-ip, dst-ip, src-port, dst-port, tos, tclass, \
        l4proto, l4data and spi; for ether src, dst and proto; and for all types dst-mac, vlan, \
        vlan-etype and user-def.

        A mask names the bits to compare: dst-ip 10.0.0.0/24, dst-port 0 mask 0x0001. ethtool's m \
        means the opposite, the bits to ignore, so rxtune refuses it.

        The action is a queue (action 3 or queue 3), drop (action -1), wake (action -2), a queue \
        of a virtual function (vf 0 queue 1) or an RSS context. Without loc the driver chooses \
        the location, or rxtune takes the last free one. A rule that exists at any location is \
        not added again.

        Examples:
          rxtune ntuple add eth0 tcp4 dst-ip 10.0.0.1 dst-port 80 action 3 loc 7
              Direct one service's connections to queue 3.
          rxtune ntuple add eth0 udp4 src-ip 192.0.2.0/24 drop
              Drop all UDP packets from a network.
          rxtune ntuple add eth0 tcp6 dst-port 443 context 1
              Spread HTTPS over IPv6 by RSS context 1.
        """)

    @Argument(help: "Device.", completion: Completions.devices)
    var device: String

    @Argument(
      parsing: .allUnrecognized,
      help: ArgumentHelp("Flow type, fields, action, loc.", valueName: "rule"))
    var words: [String]

    @OptionGroup var options: ChangeOptions

    func run() throws {
      let rule: FlowRule
      do { rule = try FlowRule(words: words) } catch { throw ValidationError("\(error)") }
      let change = RuleChange(options, "ntuple add \(device) \(words.joined(separator: " "))")
      try change.run(device) { rules, device in try Self.adding(rule, to: rules, device) }
    }

    private static func adding(
      _ rule: FlowRule, to rules: [FlowRule], _ device: String
    ) throws -> [FlowRule] {
      if rules.contains(where: { $0.canonical.body == rule.body && rule.accepts($0.location) }) {
        return rules
      }
      if let holder = rules.first(where: { $0.location == rule.location }) {
        throw Failure(
          "\(device): location \(rule.location) holds \(holder.canonical.body). Delete it first "
            + "(rxtune ntuple del \(device) \(rule.location)), or leave loc out. "
            + "Nothing was changed.", .refused, knob: .flowRules, place: .device(device))
      }
      return rules + [rule]
    }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "del", abstract: "Delete rules by their locations.",
      discussion: """
        Deletes the rules at these locations, as rxtune ntuple list shows them: all of them, or \
        none if a location has no rule.

        Examples:
          rxtune ntuple del eth0 7 8
              Delete two rules.
        """)

    @Argument(help: "Device.", completion: Completions.devices)
    var device: String

    @Argument(help: ArgumentHelp("Locations of rules.", valueName: "loc"))
    var locations: [UInt32]

    @OptionGroup var options: ChangeOptions

    func run() throws {
      let numbers = locations.map(String.init).joined(separator: " ")
      let change = RuleChange(options, "ntuple del \(device) \(numbers)")
      try change.run(device) { rules, device in
        for location in locations where !rules.contains(where: { $0.location == location }) {
          throw Failure(
            "\(device): there is no rule at location \(location). "
              + "Nothing was changed. Try: rxtune ntuple list \(device)", .refused,
            knob: .flowRules, place: .device(device))
        }
        return rules.filter { !locations.contains($0.location) }
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Show a device's rules, by location.",
      discussion: """
        Prints each rule in the syntax of rxtune ntuple add. The NIC tries rules in the order of \
        their locations.

        Examples:
          rxtune ntuple list eth0 --json
              List the rules as JSON.
        """)

    @Argument(help: "Device.", completion: Completions.devices)
    var device: String

    @Flag(help: "Print JSON.")
    var json = false

    @Option(name: .customLong("from"), help: .capture, completion: .file())
    var capture: String?

    func run() throws {
      let host = try Host.from(capture)
      let link = try host.device(named: device)
      let rules: [FlowRule]
      do throws(KernelError) { rules = try host.flowRules(link.name) } catch {
        throw RuleChange.unreadable(link.name, error)
      }
      try print(FlowRuleList(rules, of: link.name), as: OutputFormat(json: json))
    }
  }
}

extension FlowRule {
  /// Whether a rule at `location` is where this one is wanted.
  fileprivate func accepts(_ location: UInt32) -> Bool {
    self.location == Self.anyLocation || self.location == location
  }
}

/// A change of the whole table that is made from what it is now.
private struct RuleChange {
  let runner: ChangeRunner

  init(_ options: ChangeOptions, _ command: String) {
    runner = ChangeRunner(options, command: command)
  }

  func run(_ device: String, _ change: ([FlowRule], String) throws -> [FlowRule]) throws {
    let devices = try runner.devices(named: [device])
    let device = devices.first ?? device
    // Read again each time it is planned: under the lock the table may be another.
    try runner.run { planner in
      let now: [FlowRule]
      do throws(KernelError) { now = try runner.settings.host.flowRules(device) } catch {
        throw Self.unreadable(device, error)
      }
      let wanted = KnobValue.rules(FlowRuleTable(try change(now, device)))
      return planner.plan([Request(.flowRules, .parsed(wanted))], devices: devices)
    }
  }

  static func unreadable(_ device: String, _ error: KernelError) -> Failure {
    Failure(
      error.kind == .notSupported
        ? "\(device): the driver does not support flow rules (EOPNOTSUPP)"
        : "\(device): its flow rules cannot be read: \(error)", error.problem, knob: .flowRules,
      place: .device(device))
  }
}
