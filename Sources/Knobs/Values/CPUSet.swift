/// A set of CPU numbers, in the two spellings that the kernel uses.
///
/// List: "0-3,8" (cpulist files). Mask: "ffffffff,00000000", hex words of 32 bits, the highest
/// first (rps_cpus, smp_affinity). Both: Documentation/core-api/irq/irq-affinity.rst.
package struct CPUSet: Hashable, Sendable {
  /// Above any kernel's NR_CPUS (8,192 on x86): a guard against hostile input.
  package static let limit = 1 << 16

  /// 64 CPUs a word, no zero word at the end.
  private var words: [UInt64] = []

  package init() {}

  package init(_ cpus: some Sequence<Int>) {
    for cpu in cpus { insert(cpu) }
  }

  /// CPUs beyond `limit`, and negative ones, are not CPUs.
  package mutating func insert(_ cpu: Int) {
    guard cpu >= 0, cpu < Self.limit else { return }
    while words.count <= cpu / 64 { words.append(0) }
    words[cpu / 64] |= 1 << UInt64(cpu % 64)
  }

  package mutating func remove(_ cpu: Int) {
    guard contains(cpu) else { return }
    words[cpu / 64] &= ~(1 << UInt64(cpu % 64))
    trim()
  }

  package func contains(_ cpu: Int) -> Bool {
    cpu >= 0 && cpu / 64 < words.count && words[cpu / 64] & 1 << UInt64(cpu % 64) != 0
  }

  package var isEmpty: Bool { words.isEmpty }
  package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
  package var first: Int? {
    words.firstIndex { $0 != 0 }.map { $0 * 64 + words[$0].trailingZeroBitCount }
  }

  /// Ascending.
  package var cpus: [Int] {
    var cpus: [Int] = []
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        cpus.append(index * 64 + rest.trailingZeroBitCount)
        rest &= rest &- 1
      }
    }
    return cpus
  }

  package func union(_ other: CPUSet) -> CPUSet { combined(other, |) }
  package func intersection(_ other: CPUSet) -> CPUSet { combined(other, &) }
  package func subtracting(_ other: CPUSet) -> CPUSet { combined(other) { $0 & ~$1 } }
  package func isSubset(of other: CPUSet) -> Bool { subtracting(other).isEmpty }

  private func combined(_ other: CPUSet, _ operation: (UInt64, UInt64) -> UInt64) -> CPUSet {
    var result = CPUSet()
    for index in 0..<max(words.count, other.words.count) {
      result.words.append(
        operation(
          index < words.count ? words[index] : 0, index < other.words.count ? other.words[index] : 0
        ))
    }
    result.trim()
    return result
  }

  private mutating func trim() {
    while words.last == 0 { words.removeLast() }
  }
}

// MARK: - Spellings

extension CPUSet {
  /// Reads "0-3,8"; white space around is ignored, empty is the empty set.
  package init?(list text: some StringProtocol) {
    self.init()
    let text = String(text.filter { !$0.isWhitespace })
    if text.isEmpty { return }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      guard let first = ends.first.flatMap({ Int($0) }), let last = ends.last.flatMap({ Int($0) }),
        first >= 0, first <= last, last < Self.limit
      else { return nil }
      for cpu in first...last { insert(cpu) }
    }
  }

  /// Reads a list that a person typed.
  ///
  /// No list has hexadecimal digits, a "0x" or zeros in front: what does is a mask by all evidence,
  /// and the wrong CPUs if it were read as a list.
  ///
  /// - Throws: what is wrong with it, behind the text: "is a mask: write the list 0-3".
  package static func typed(_ text: some StringProtocol) throws(CPUListError) -> CPUSet {
    let text = String(text.filter { !$0.isWhitespace })
    let list = text.isEmpty ? nil : CPUSet(list: text)
    let isPadded = text.split(whereSeparator: { ",-".contains($0) })
      .contains { $0.utf8.count > 1 && $0.hasPrefix("0") }
    if let list, !isPadded { return list }
    let digits = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.lowercased().hasPrefix("0x") ? $0.dropFirst(2) : $0 }.joined(separator: ",")
    guard let mask = CPUSet(mask: digits) else { throw CPUListError(mask: nil, list: list) }
    throw CPUListError(mask: mask, list: list)
  }

  /// Reads "ffffffff,00000000"; as the kernel, no "0x".
  package init?(mask text: some StringProtocol) {
    self.init()
    let groups = String(text.filter { !$0.isWhitespace })
      .split(separator: ",", omittingEmptySubsequences: false)
    // One group may be of any length, more than one are 32 bits each.
    if groups.count == 1 {
      var shift = 0
      for digit in groups[0].reversed() {
        guard let value = digit.hexDigitValue, digit.isASCII, shift < Self.limit else { return nil }
        for bit in 0..<4 where value & 1 << bit != 0 { insert(shift + bit) }
        shift += 4
      }
      if shift == 0 { return nil }
      return
    }
    guard groups.count <= Self.limit / 32 else { return nil }
    for (index, group) in groups.reversed().enumerated() {
      guard (1...8).contains(group.utf8.count), let word = UInt32(group, radix: 16),
        group.allSatisfy(\.isHexDigit)
      else { return nil }
      for bit in 0..<32 where word & 1 << UInt32(bit) != 0 { insert(index * 32 + bit) }
    }
  }

  /// "0-3,8"; empty for the empty set.
  package var list: String {
    var parts: [String] = []
    var run: ClosedRange<Int>?
    func flush() {
      guard let run else { return }
      parts.append(run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)-\(run.upperBound)")
    }
    for cpu in cpus {
      if let open = run, open.upperBound + 1 == cpu {
        run = open.lowerBound...cpu
      } else {
        flush()
        run = cpu...cpu
      }
    }
    flush()
    return parts.joined(separator: ",")
  }

  /// "ffffffff,00000000", as many groups as the highest CPU needs.
  package var mask: String {
    var groups: [String] = []
    for word in words {
      for half in [UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32)] {
        groups.append(String(half, radix: 16))
      }
    }
    while groups.count > 1, groups.last == "0" { groups.removeLast() }
    guard let highest = groups.popLast() else { return "0" }
    let rest = groups.reversed().map { String(repeating: "0", count: 8 - $0.count) + $0 }
    return ([highest] + rest).joined(separator: ",")
  }
}

extension CPUSet {
  /// Of CPUs, in a sentence: "CPU 3", "CPUs 2-3,5".
  package var named: String { "CPU\(count == 1 ? "" : "s") \(list)" }
}

/// Why a text is not a list of CPUs.
package struct CPUListError: Error, Hashable {
  /// What it is as a mask.
  package var mask: CPUSet?
  /// What it would be as a list, zeros in front aside.
  package var list: CPUSet?

  /// Behind the text: "is a mask: write the list 0-3".
  package func problem(_ unit: String) -> String {
    func spelled(_ set: CPUSet) -> String { set.isEmpty ? "none" : set.list }
    return switch (mask, list) {
    case (let mask?, let list?) where mask != list:
      "reads as a mask by its zeros: write the list \(spelled(mask)), or if it is one already, "
        + spelled(list)
    case (let mask?, _): "is a mask: write the list \(spelled(mask))"
    case (nil, let list?): "has zeros in front: write the list \(spelled(list))"
    case (nil, nil): "is not a list of \(unit); use a list such as 0-3,8, or none"
    }
  }
}
