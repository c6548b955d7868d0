package import KernelIO
package import Netlink

/// /proc/interrupts: how often each IRQ fired on each CPU that is online
/// (Documentation/filesystems/proc.rst; kernel/irq/proc.c, show_interrupts).
package struct InterruptTable: Hashable, Sendable {
  /// The CPUs that are columns, in their order. An offline CPU has no column.
  package var cpus: [Int]
  /// IRQs with a number, in the kernel's order.
  package private(set) var interrupts: [Interrupt]
  /// Rows without a number: NMI, LOC, RES, CAL, ERR, MIS…
  package var others: [Other]
  private var rows: [Int: Int]

  package struct Interrupt: Hashable, Sendable {
    package var number: Int
    package var counts: InterruptCounts
    /// "PCI-MSIX-0000:00:03.0", "IR-PCI-MSI", "GICv3"; nil without one.
    package var chip: String?
    /// The interrupt's number within its chip; nil where the chip has no numbers.
    package var hardwareNumber: UInt64?
    /// "edge", "fasteoi", "Level": handler or trigger, as that architecture tells it.
    package var handler: String?
    /// Names given at request_irq, more than one where the IRQ is shared; none on an unused IRQ.
    package var actions: [String]
  }

  package struct Other: Hashable, Sendable {
    package var name: String
    package var counts: InterruptCounts
    /// "Local timer interrupts"; empty for ERR and MIS.
    package var text: String
  }

  package subscript(irq: Int) -> Interrupt? { rows[irq].map { interrupts[$0] } }
}

// MARK: - Decode

extension InterruptTable {
  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = TextReader(bytes, "/proc/interrupts")
    cpus = try reader.cpuHeader()
    interrupts = []
    others = []
    rows = [:]
    while try reader.nextLine() {
      if reader.atEndOfLine() { continue }
      guard let label = reader.text(before: UInt8(ascii: ":")), !label.isEmpty else {
        throw reader.error("a row without the name of its interrupt")
      }
      if let number = label.decimal {
        let interrupt = try Self.interrupt(number, cpus, &reader)
        if rows.updateValue(interrupts.count, forKey: number) != nil {
          throw reader.error("IRQ \(number) has two rows")
        }
        interrupts.append(interrupt)
      } else {
        others.append(try Self.other(label.text, cpus, &reader))
      }
    }
  }

  private static func interrupt(
    _ number: Int, _ cpus: [Int], _ reader: inout TextReader
  ) throws(DecodeError) -> Interrupt {
    var counts = InterruptCounts()
    for cpu in cpus {
      counts.append(try reader.required("the count of CPU\(cpu)"), cpu: cpu)
    }
    // A CPU that came online while the table was written has a column from there on.
    if try reader.number() != nil {
      throw reader.error("more counts than the header has CPUs")
    }
    var interrupt = Interrupt(number: number, counts: counts, actions: [])
    Description(reader.rest()).fill(&interrupt)
    return interrupt
  }

  /// ERR and MIS have one count, others one per CPU.
  private static func other(
    _ name: String, _ cpus: [Int], _ reader: inout TextReader
  ) throws(DecodeError) -> Other {
    var counts = InterruptCounts()
    for cpu in cpus {
      guard let value = try reader.number() else { break }
      counts.append(value, cpu: cpu)
    }
    return Other(name: name, counts: counts, text: reader.rest().text)
  }
}

/// What follows an IRQ's counts: "PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0".
///
/// Chip names may hold spaces ("Hyper-V PCIe MSI"), so the hardware number behind them is searched.
private struct Description {
  private let words: [ArraySlice<UInt8>]
  private let text: ArraySlice<UInt8>

  init(_ text: ArraySlice<UInt8>) {
    self.text = text
    words = text.split(separator: UInt8(ascii: " "))
  }

  func fill(_ interrupt: inout InterruptTable.Interrupt) {
    guard let first = words.first else { return }
    // Before 4.0 x86 tells no number: "IR-PCI-MSI-edge".
    if let dash = first.lastIndex(of: UInt8(ascii: "-")), dash > first.startIndex,
      ["edge", "fasteoi", "level"].contains(first[(dash + 1)...].text)
    {
      interrupt.chip = first[..<dash].text
      interrupt.handler = first[(dash + 1)...].text
      interrupt.actions = actions(from: 1)
      return
    }
    guard let place = words.indices.dropFirst().first(where: { isHardware(words[$0]) }) else {
      // No number and no handler ("dummy   name").
      interrupt.chip = first.text
      interrupt.actions = actions(from: 1)
      return
    }
    interrupt.chip = text[first.startIndex..<words[place - 1].endIndex].text
    let hardware = words[place]
    let dash = hardware.firstIndex(of: UInt8(ascii: "-")) ?? hardware.endIndex
    interrupt.hardwareNumber = hardware[..<dash].decimal.map(UInt64.init)
    interrupt.handler = dash < hardware.endIndex ? hardware[(dash + 1)...].text : nil
    var next = place + 1
    // Architectures other than x86 tell the trigger in a column of its own.
    if interrupt.handler == nil, next < words.count,
      ["Level", "Edge", "None"].contains(words[next].text)
    {
      interrupt.handler = words[next].text
      next += 1
      if next < words.count, words[next].first == UInt8(ascii: "-") { next += 1 }
    }
    interrupt.actions = actions(from: next)
  }

  /// "1-edge", "27", or, of a chip without numbers (Xen), "-event".
  private func isHardware(_ word: ArraySlice<UInt8>) -> Bool {
    let digits = word.prefix { (0x30...0x39).contains($0) }
    let rest = word.dropFirst(digits.count)
    return rest.isEmpty ? digits.decimal != nil : rest.first == UInt8(ascii: "-") && rest.count > 1
  }

  /// Several are separated by ", "; a name may hold spaces, and commas without one.
  private func actions(from index: Int) -> [String] {
    guard index < words.count else { return [] }
    var actions: [String] = []
    var start = words[index].startIndex
    for word in words[index...] where word.last == UInt8(ascii: ",") {
      actions.append(text[start..<word.endIndex - 1].text)
      start = word.endIndex
    }
    actions.append(text[min(start, text.endIndex)...].text)
    return actions.map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
  }
}

// MARK: - Read

extension Host {
  package func interruptTable() throws(KernelError) -> InterruptTable {
    let path = KernelPath.proc("interrupts")
    var error: DecodeError?
    // Rows of different width are a CPU that came or went while the table was written.
    for _ in 0..<3 {
      let bytes = try kernel.read(path)
      do { return try InterruptTable(decoding: bytes) } catch let failure { error = failure }
    }
    throw KernelError(path.description, error ?? DecodeError("\(path)", offset: 0, "unreadable"))
  }
}
