/// The steps between which dynamic interrupt moderation moves (net_dim.rst), spelled as
/// ethtool(8) does: "1,256,n_8,256,n".
package struct ModerationProfile: Hashable, Sendable, CustomStringConvertible {
  /// A number that the driver does not have is nil.
  package struct Step: Hashable, Sendable {
    package var microseconds: UInt32?
    package var packets: UInt32?
    package var completions: UInt32?

    package init(microseconds: UInt32?, packets: UInt32?, completions: UInt32?) {
      self.microseconds = microseconds
      self.packets = packets
      self.completions = completions
    }
  }
  package var steps: [Step]

  package init(_ steps: [Step]) { self.steps = steps }

  package init?(_ text: some StringProtocol) {
    steps = []
    for part in text.split(separator: "_", omittingEmptySubsequences: false) {
      let words = part.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = words.map { UInt32($0) }
      guard words.count == 3, zip(words, numbers).allSatisfy({ $0 == "n" || $1 != nil }) else {
        return nil
      }
      steps.append(
        Step(microseconds: numbers[0], packets: numbers[1], completions: numbers[2]))
    }
  }

  package var description: String {
    steps.map { step in
      [step.microseconds, step.packets, step.completions]
        .map { $0.map { "\($0)" } ?? "n" }.joined(separator: ",")
    }.joined(separator: "_")
  }
}
