import KernelIO
import Knobs
import ReceivePath

/// What stands in the way of a value: that it is none, that the device or the kernel would not take
/// it, or that it would not do what it is for.
extension PlanDraft {
  // MARK: - Values as people write them

  /// - Parameter queues: how many the device is going to receive on; 0 where that is not known.
  mutating func parse(
    _ text: String, _ knob: Knob, at place: Place, _ bounds: Bounds, queues: Int
  ) -> KnobValue? {
    do {
      let value = try KnobValue.parse(text, for: knob, maximum: bounds.maximum)
      if knob.access == .flowRules { return parseRules(text, knob, place, queues) }
      if knob.access == .rss(.contexts) { return parseContexts(text, knob, place, queues) }
      if knob.access == .rss(.indirection), let highest = IndirectionTable.highestQueue(text),
        queues > 0, highest >= UInt32(clamping: queues)
      {
        report(
          .impossible, knob, at: place,
          "\"\(text)\" leads to queue \(highest): the device has \(queues) receive queues, from 0")
        return nil
      }
      return value
    } catch {
      // Beyond what the device reports nothing helps; beyond what is sane, --force does.
      let beyond = try? KnobValue.parse(text, for: knob, beyondRange: true)
      if let beyond, case .number(let number) = beyond, number <= bounds.maximum ?? .max,
        knob.hasRoom(for: number)
      {
        report(
          .danger, knob, at: place, "\(error.problem): \"\(text)\"",
          remedy: "The kernel may take it all the same: --force writes it.")
        return beyond
      }
      report(.impossible, knob, at: place, "\"\(text)\" \(error.problem)")
      return nil
    }
  }

  /// A table of flow rules in its canonical form; each must lead to a queue that there will be.
  private mutating func parseRules(
    _ text: String, _ knob: Knob, _ place: Place, _ queues: Int
  ) -> KnobValue? {
    do throws(FlowRuleError) {
      let rules = try FlowRuleTable.rules(text)
      let beyond = rules.filter { queues > 0 && ($0.queue ?? 0) >= queues }
      for rule in beyond {
        report(
          .impossible, knob, at: place,
          "\(rule.text): the device has \(queues) receive queues, from 0")
      }
      return beyond.isEmpty ? .text(FlowRuleTable.text(rules)) : nil
    } catch {
      report(.impossible, knob, at: place, "\(error)")
      return nil
    }
  }

  /// Contexts in their canonical form: each must lead to queues that there will be, and none may
  /// go that a rule sends packets to.
  private mutating func parseContexts(
    _ text: String, _ knob: Knob, _ place: Place, _ queues: Int
  ) -> KnobValue? {
    let contexts: [RSSContext]
    do throws(RSSContextError) { contexts = try RSSContextTable.contexts(text) } catch {
      report(.impossible, knob, at: place, "\(error)")
      return nil
    }
    var isPossible = true
    for context in contexts {
      guard let highest = context.table.flatMap(IndirectionTable.highestQueue), queues > 0,
        highest >= UInt32(clamping: queues)
      else { continue }
      report(
        .impossible, knob, at: place,
        "context \(context.number.map(String.init) ?? "new") leads to queue \(highest): the device "
          + "has \(queues) receive queues, from 0")
      isPossible = false
    }
    let kept = Set(contexts.compactMap(\.number))
    for rule in rules(at: place) {
      guard let context = rule.context, context != 0, !kept.contains(context) else { continue }
      report(
        .impossible, knob, at: place, "a rule sends packets to context \(context): \(rule.text)",
        remedy: "Delete it first: rxtune ntuple del \(place) \(rule.location)")
      isPossible = false
    }
    return isPossible ? .text(RSSContextTable.text(contexts)) : nil
  }

  /// The flow rules that there are, and those that are wanted: contexts are written before either
  /// go or come.
  private func rules(at place: Place) -> [FlowRule] {
    var texts = requests.compactMap { request -> String? in
      guard request.knob == .flowRules, case .literal(let text) = request.value else { return nil }
      return text
    }
    if case .text(let text)? = try? settings.read(.flowRules, at: place) {
      texts.insert(text, at: 0)
    }
    return texts.flatMap { (try? FlowRuleTable.rules($0)) ?? [] }
  }

  // MARK: - Policies

  /// Says what a policy would have to know and does not, once a device.
  mutating func isUndecided(
    _ policy: Policy, _ request: Request, at place: Place, on device: PlannedDevice
  ) -> Bool {
    guard case .queue(_, _, let queue) = place,
      let unknown = device.placement.unknown(policy, of: request.knob, queue: queue)
    else { return false }
    report(
      request.isRequired ? .impossible : .note, request.knob, at: .device(device.name),
      "left alone: \(unknown)",
      remedy:
        "See /proc/interrupts, and set it by hand: rxtune set \(request.knob.id)=LIST \(device.name)"
    )
    return true
  }

  // MARK: - What the kernel keeps

  /// What cannot be written, by whoever.
  mutating func reportFixed(_ setting: Setting, _ old: KnobValue?, isRequired: Bool) {
    let now = old?.description ?? "what it is"
    let (text, remedy): (String, String?) =
      switch setting.knob.access {
      case .irqFile:
        (
          "it stays at \(now): the kernel manages this interrupt itself, or its controller cannot "
            + "move it",
          "A managed interrupt's CPUs follow from the number of queues."
        )
      case .sysctl: ("it can only be read in this network namespace, and is \(now)", nil)
      default: ("the driver has it fixed at \(now)", nil)
      }
    report(
      isRequired ? .impossible : .note, setting.knob, at: setting.place, text, remedy: remedy)
  }

  // MARK: - CPUs and channels

  mutating func checkCPUs(of setting: Setting, _ locality: Locality) {
    guard case .cpus(let cpus) = setting.value, setting.knob.unit == .cpus else { return }
    let (knob, place) = (setting.knob, setting.place)
    if !locality.online.isEmpty, !cpus.isSubset(of: locality.online) {
      let offline = cpus.subtracting(locality.online)
      if knob.group == .irq, !cpus.intersection(locality.online).isEmpty {
        report(.note, knob, at: place, "CPU \(offline.list) is offline and gets no interrupt")
      } else {
        report(
          .impossible, knob, at: place, "CPU \(offline.list) is offline: the kernel would drop it",
          remedy: "Online are \(locality.online.list)." + Self.asMask(cpus, locality.online))
      }
    }
    let kept = cpus.intersection(locality.isolated)
    if knob == .rpsCPUs || knob == .rpsDefaultMask, !kept.isEmpty {
      // Since 5.9 rps_cpus is cut to the housekeeping CPUs (net/core/net-sysfs.c); before, RPS
      // interrupts what isolation is there to spare.
      report(
        .danger, knob, at: place,
        "CPU \(kept.list) is isolated (isolcpus= or nohz_full=): the kernel leaves it out of RPS",
        remedy: "Choose of \(locality.online.subtracting(locality.isolated).list).")
    }
    if knob == .irqAffinity, cpus.isEmpty {
      report(.impossible, knob, at: place, "an interrupt needs a CPU: the set is empty")
    }
  }

  /// A number beyond the host's CPUs may be a mask: " As a mask, 11 is CPUs 0,4."
  private static func asMask(_ cpus: CPUSet, _ online: CPUSet) -> String {
    guard cpus.count == 1, let mask = CPUSet(mask: cpus.list), !mask.isEmpty,
      mask.isSubset(of: online)
    else { return "" }
    return " As a mask, \(cpus.list) is the list \(mask.list)."
  }

  mutating func checkChannels(of device: PlannedDevice) {
    let (name, queues) = (device.name, device.queues)
    guard queues.areChanging,
      let knob = plan.changes.last(where: {
        $0.setting.knob.group == .channels && $0.setting.place == .device(name)
      })?.setting.knob
    else { return }
    if queues.rx == 0 || queues.tx == 0 {
      report(
        .impossible, knob, at: .device(name),
        "no \(queues.rx == 0 ? "receiving" : "transmitting") channel would be left")
    }
    guard queues.rx < queues.rxBefore else { return }
    let remaining = queues.rx
    let leads: [(what: String, highest: Int?, knob: Knob?, remedy: String)] = [
      (
        "the RSS table leads", queues.hasDefaultTable ? nil : queues.highestInTable,
        .rssIndirection,
        "Make the table smaller first: rxtune set rss.indirection=\"equal \(remaining)\" \(name)"
      ),
      (
        "an RSS context leads", queues.highestInContexts, .rssContexts,
        "Change it first: rxtune rss \(name) --context N --equal \(remaining), or --delete"
      ),
      (
        "a flow rule leads", queues.highestInRules, nil,
        "Delete it first: rxtune ntuple list \(name), rxtune ntuple del \(name) LOC"
      ),
    ]
    for (what, highest, table, remedy) in leads {
      guard let highest, highest >= remaining else { continue }
      if let table, requests.contains(where: { $0.knob == table }) {
        plan.tablesFirst.insert(name)
      } else {
        report(
          .impossible, knob, at: .device(name),
          "\(what) to queue \(highest), and only \(remaining) would be left",
          remedy: remedy)
      }
    }
  }
}

extension Knob {
  /// Whether the kernel's message can carry the number: most have 32 bits and no sign.
  func hasRoom(for number: Int64) -> Bool {
    switch access {
    case .ethtool, .link, .tunable, .queueCoalesce: UInt32(exactly: number) != nil
    case .napi: number >= 0
    default: true
    }
  }
}
