import ArgumentParser
import Knobs
import Tuning

struct IRQCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "irq", abstract: "Set which CPUs take the interrupts of a device's queues.",
    discussion: """
      A policy for all queues (spread, pack, hint, node), or CPUs for some of them. The queue's \
      vector is found as rxtune show finds it; vectors that the kernel manages itself cannot be \
      moved, and since 6.12 it tells which before anything is written. Where irqbalance runs, it \
      would undo the change within seconds: --irqbalance says what then.

      Examples:
        rxtune irq eth0 spread
            A vector a physical core, the device's node first.
        rxtune irq eth0 rx-0=0 rx-1=2-3
            The vectors of two queues.
      """)

  @Argument(help: "The device.", completion: Completions.devices)
  var device: String

  @Argument(help: "A policy, or rx-N=CPUS for each of some queues.")
  var values: [String]

  @OptionGroup var options: ChangeOptions

  func run() throws {
    guard let knob = Knob.named("irq.smp-affinity") else { throw ExitCode.failure }
    let session = ChangeSession(
      options, command: (["irq", device] + values).joined(separator: " "))
    try session.run(
      [Request(knob, try wanted(knob))], devices: try session.devices(named: [device]))
  }

  private func wanted(_ knob: Knob) throws -> Request.Wanted {
    if values.count == 1, let policy = Policy(rawValue: values[0]),
      Policy.suitable(for: knob).contains(policy)
    {
      return .policy(policy)
    }
    var each: [Selector: String] = [:]
    for word in values {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let selector = Selector(String(parts[0])), selector.fits(.irq) else {
        let policies = Policy.suitable(for: knob).map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(word)' is neither a policy (\(policies)) nor rx-N=CPUS")
      }
      guard each.updateValue(String(parts[1]), forKey: selector) == nil else {
        throw ValidationError("\(selector) stands here twice")
      }
    }
    return .each(each)
  }
}
