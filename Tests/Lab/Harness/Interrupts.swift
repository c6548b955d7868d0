/// The numbered rows of /proc/interrupts.
struct Interrupts {
  struct Row {
    let number: Int
    /// By column: the CPUs that are online.
    let counts: [Int]
    /// The names of its actions.
    let names: [String]

    var total: Int { counts.reduce(0, +) }

    /// The receive queue that this row belongs to by its name, as the driver's source gives it;
    /// `virtio` is the device's place on the virtio bus.
    func receiveQueue(of device: String, virtio: String = "") -> Int? {
      let stems = [
        "\(device)-TxRx-", "\(device)-rx-", "\(device)-rxtx-", virtio + "-input.",
      ]
      for name in names {
        for stem in stems where name.hasPrefix(stem) {
          if let queue = Int(name.dropFirst(stem.count)) { return queue }
        }
      }
      return nil
    }
  }

  let rows: [Row]
  /// The CPU of each column.
  let cpus: [Int]

  init(_ lines: [String]) {
    cpus = (lines.first ?? "").split(separator: " ").compactMap { Int($0.dropFirst(3)) }
    let columns = cpus.count
    rows = lines.dropFirst().compactMap { line in
      let words = line.split(separator: " ")
      guard let first = words.first, first.last == ":", let number = Int(first.dropLast())
      else { return nil }
      return Row(
        number: number, counts: words.dropFirst().prefix(columns).compactMap { Int($0) },
        names: words.dropFirst(1 + columns).map { String($0).replacing(",", with: "") })
    }
  }

  init(in guest: Guest) throws {
    self.init(try guest.shell("cat /proc/interrupts").split(separator: "\n").map(String.init))
  }
}
