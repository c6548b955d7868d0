package import Scaling

/// What a server with a packet backend did, for `bench serve --backend`.
package enum PacketServerText {
  /// How it works: "af-xdp on v0, native XDP, queues 0 to 3, sleeps in poll(2)".
  package static func text(_ facts: BackendFacts) -> String {
    var parts = ["\(facts.backend) on \(facts.device)"]
    if let attach = facts.attach {
      parts.append("\(attach.rawValue) XDP")
      parts.append(Format.count(facts.queues.count, "queue"))
    }
    parts.append(Format.count(facts.threads, "thread"))
    parts.append(facts.wait == .busy ? "busy polling" : "poll(2)")
    return parts.joined(separator: ", ")
  }

  package static func text(
    _ facts: BackendFacts, _ threads: [PacketCounts], missed: UInt64?, _ use: HostUse,
    _ cpus: [Int], _ warnings: [Warning]
  ) -> String {
    let total = threads.total
    var lines = [
      "\(total.transactions) transactions in \(Format.fixed(use.seconds, 1)) s: \(text(facts))"
    ]
    for (index, thread) in threads.enumerated() {
      lines.append(
        "thread \(index): \(thread.received) packets in \(thread.bursts) bursts, "
          + "\(thread.transactions) transactions, \(thread.wakeUps) wake-ups")
    }
    if total.transactions > 0 {
      lines.append(HalfText.cost(use, total.transactions))
      let calls = Double(total.systemCalls) / Double(total.transactions)
      lines.append("\(Format.fixed(calls, 2)) system calls per transaction")
    }
    if let idle = HalfText.idle(use, cpus) { lines.append(idle) }
    let losses: [(UInt64, String)] = [
      (total.dropped, "packets lost for want of room"),
      (total.unsent, "responses could not be sent"),
      (total.damaged, "damaged packets, or of a wrong length"),
      (total.foreign, "packets of others"),
      (missed ?? 0, "packets passed by, by queues that are not served"),
    ]
    for (count, words) in losses where count > 0 { lines.append("\(count) \(words)") }
    for refusal in facts.refusals { lines.append("fell back: \(refusal)") }
    lines += warnings.map { "warning: \($0.text)" }
    return lines.joined(separator: "\n")
  }
}
