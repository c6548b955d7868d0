import ArgumentParser
import Knobs
import Tuning

struct IRQCommand: ParsableCommand {
  private static let policies = Policy.suiting(.irqAffinity).map(\.name).joined(separator: ", ")

  static let configuration = CommandConfiguration(
    commandName: "irq", abstract: "Set which CPUs take the interrupts of a device's queues.",
    discussion: """
      Takes a policy for all queues (\(policies)), or CPUs for single queues. rxtune \
      finds a queue's interrupt as rxtune show does. Interrupts that the kernel manages cannot be \
      moved; since Linux 6.12 a plan names them before anything is written. A running irqbalance \
      would overwrite the change within seconds: --irqbalance says what to do about it.

      Examples:
        rxtune irq eth0 spread
            Spread interrupts, one per physical core, starting on the device's
            NUMA node.
        rxtune irq eth0 rx-0=0 rx-1=2-3
            Set the CPUs of two queues.
      """)

  @Argument(help: "Device.", completion: Completions.devices)
  var device: String

  @Argument(help: "A policy for all queues, or rx-N=CPUS for single queues.")
  var values: [String]

  @OptionGroup var options: ChangeOptions

  func run() throws {
    let runner = ChangeRunner(
      options, command: (["irq", device] + values).joined(separator: " "))
    try runner.run(
      [Request(.irqAffinity, try wanted)], devices: try runner.devices(named: [device]))
  }

  private var wanted: Request.Value {
    get throws {
      if values.count == 1, let policy = Policy.named(values[0]), policy.suits(.irqAffinity) {
        return .policy(policy)
      }
      var each: [Place.Part: String] = [:]
      for word in values {
        let parts = word.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let part = Place.Part(typed: String(parts[0])),
          Knob.irqAffinity.fits(part)
        else {
          throw ValidationError("'\(word)' is neither a policy (\(Self.policies)) nor rx-N=CPUS")
        }
        guard each.updateValue(String(parts[1]), forKey: part) == nil else {
          throw ValidationError("\(part) is given twice")
        }
      }
      return .each(each)
    }
  }
}
