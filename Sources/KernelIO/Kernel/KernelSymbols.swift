/// The kernel's functions by address: `/proc/kallsyms`, whose addresses only root sees.
package struct KernelSymbols {
  private var addresses: [UInt64] = []
  private var names: [String] = []

  /// nil where addresses are hidden (kernel.kptr_restrict).
  package init?(_ kernel: some Kernel) {
    guard let text = try? kernel.read(.proc("kallsyms")) else { return nil }
    self.init(parsing: text)
  }

  /// Lines "ffffffff81000000 T name [module]"; only code is kept, t and T.
  package init?(parsing text: [UInt8]) {
    var found: [(UInt64, String)] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      if let symbol = Self.symbol(text[start..<end]) { found.append(symbol) }
      start = end + 1
    }
    guard found.contains(where: { $0.0 != 0 }) else { return nil }
    found.sort { $0.0 < $1.0 }
    addresses = found.map(\.0)
    names = found.map(\.1)
  }

  private static func symbol(_ line: ArraySlice<UInt8>) -> (UInt64, String)? {
    var address: UInt64 = 0
    var index = line.startIndex
    while index < line.endIndex, line[index] != UInt8(ascii: " ") {
      guard index - line.startIndex < 16 else { return nil }
      let digit: UInt8
      switch line[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = line[index] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = line[index] - UInt8(ascii: "a") + 10
      default: return nil
      }
      address = address << 4 | UInt64(digit)
      index += 1
    }
    guard index + 3 < line.endIndex, line[index + 1] | 0x20 == UInt8(ascii: "t") else { return nil }
    let name = line[(index + 3)...].prefix { $0 != UInt8(ascii: "\t") }
    return (address, String(decoding: name, as: UTF8.self))
  }

  /// The function that holds an address.
  package func name(of address: UInt64) -> String? {
    var (low, high) = (0, addresses.count)
    while low < high {
      let middle = (low + high) / 2
      if addresses[middle] <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? names[low - 1] : nil
  }
}
