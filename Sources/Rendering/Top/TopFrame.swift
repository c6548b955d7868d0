package import Live
import Notation
import Scaling

/// A screen of `rxtune top`, line by line.
package struct TopFrame {
  private let rates: Rates?
  private let screen: TopScreen
  private let display: Display

  /// Smaller than that, nothing of it is of use.
  private static let least = (columns: 40, rows: 8)

  /// - Parameter rates: nil before the first look.
  package init(_ rates: Rates?, _ screen: TopScreen, for display: Display) {
    self.rates = rates
    self.screen = screen
    self.display = display
  }

  /// As many lines as the terminal has rows at most, none wider than it.
  package var lines: [StyledText] {
    guard display.columns >= Self.least.columns, display.rows >= Self.least.rows else {
      let words = [
        "too small: \(display.columns) by \(display.rows)",
        "top needs \(Self.least.columns) by \(Self.least.rows)", "q quits",
      ]
      return words.prefix(max(0, display.rows)).map { StyledText($0).prefix(display.columns) }
    }
    var lines = [title]
    if screen.isHelp {
      lines += Self.help.map { StyledText($0) }
    } else {
      lines += [summary, devices, tabs]
      lines += body(display.rows - lines.count - 1)
    }
    lines = Array(lines.prefix(display.rows - 1))
    while lines.count < display.rows - 1 { lines.append(StyledText()) }
    return (lines + [footer]).map { $0.prefix(display.columns) }
  }

  /// The same as a terminal takes it.
  package var encoded: [String] { lines.map { $0.encoded(for: display) } }

  private static let help = [
    "", "  1 2 3 4, Tab   view: queues, CPUs, sockets, drops",
    "  ← →            choose a column", "  s              sort by it",
    "  r              reverse the order", "  ↑ ↓ PgUp PgDn  scroll",
    "  /              show rows that contain a text; Esc shows all again",
    "  d              next device; after the last, all", "  Space          pause and resume",
    "  [ ]            one sample back or forward, while paused",
    "  j              jump to a time of day (UTC), while paused",
    "  + -            look less or more often", "  w              write this sample as JSON",
    "  q              quit", "", "  – is a value that nobody counts, or that began again.",
  ]
}

// MARK: - Header

extension TopFrame {
  private var title: StyledText {
    var words = ["rxtune top"]
    if let clock = rates?.clock { words.append("\(clock)") }
    if !screen.state.isEmpty { words.append(screen.state) }
    if let device = screen.device { words.append("only \(Terminal.printable(device))") }
    if !screen.filter.isEmpty { words.append("rows with \"\(Terminal.printable(screen.filter))\"") }
    return StyledText(words.joined(separator: "  "), .reverse).prefix(display.columns)
      .padded(to: display.columns)
  }

  /// Most uneven device, busiest CPU, drops.
  private var summary: StyledText {
    guard let rates else { return StyledText("reading …", .dim) }
    guard rates.seconds != nil else {
      return StyledText("counted since boot so far; rates follow with the next look", .dim)
    }
    var line = StyledText("imbalance ")
    if let imbalance = rates.imbalance {
      line.append(Format.fixed(imbalance.ratio, 1), imbalance.ratio >= 2 ? .yellow : .bold)
      line.append(" (\(imbalance.source.rawValue))")
    } else {
      line.append("–")
    }
    line.append("  busiest CPU ")
    if let busiest = rates.busiest, let busy = busiest.busy {
      line.append("\(busiest.cpu)")
      line.append(" \(Words.percent(busy))", busy >= 0.95 ? .red : .bold)
    } else {
      line.append("–")
    }
    let losses = rates.losses
    line.append("  drops/s: ")
    for (index, (name, value)) in [
      ("device", losses.device), ("backlog", losses.backlog), ("socket", losses.socket),
    ].enumerated() {
      if index > 0 { line.append(", ") }
      line.append("\(name) ")
      line.append(value.map(RateText.rate) ?? "–", (value ?? 0) > 0 ? .red : .plain)
    }
    return line
  }

  private var devices: StyledText {
    let shown = (rates?.devices ?? []).filter { screen.device == nil || $0.name == screen.device }
    if rates != nil, shown.isEmpty { return StyledText("no such device any more", .yellow) }
    var line = StyledText()
    for (index, device) in shown.enumerated() {
      if index > 0 { line.append("  ·  ", .dim) }
      line.append(Terminal.printable(device.name), .bold)
      switch device.isUp {
      case nil: line.append(" gone", .red)
      case false?: line.append(" down", .yellow)
      case true?:
        line.append(" \(device.packets.map(RateText.rate) ?? "–") packets/s")
        if let bytes = device.bytes { line.append(", \(RateText.bits(bytes))") }
      }
    }
    return line
  }

  private var tabs: StyledText {
    var line = StyledText()
    for (index, view) in TopView.all.enumerated() {
      line.append(" \(index + 1) \(view.name) ", index == screen.view ? .reverse : .plain)
      line.append(" ")
    }
    return line
  }

  private var footer: StyledText {
    if let prompt = screen.prompt {
      return StyledText("\(prompt.question): \(Terminal.printable(prompt.text))_", .bold)
    }
    if let message = screen.message { return StyledText(Terminal.printable(message), .yellow) }
    return StyledText(
      screen.isHelp
        ? "any key returns"
        : "q quit  ? help  Tab view  ←→ s r sort  / filter  d device  Space pause  [ ] walk  w write",
      .dim)
  }
}

// MARK: - Table

extension TopFrame {
  /// The heading, rows that fit, and what became of the others.
  private func body(_ room: Int) -> [StyledText] {
    guard let rates else { return [] }
    let view = screen.current
    let all = view.rows(rates).filter(isWanted)
    let order =
      screen.sortColumns.indices.contains(screen.view)
      ? screen.sortColumns[screen.view] : view.sortColumn
    var rows = view.sorted(all, by: order, isReversed: screen.isReversed)
    guard !rows.isEmpty else {
      let why = view.rows(rates).isEmpty ? view.empty : "no \(view.subject) with that"
      return [StyledText(why, .dim)]
    }
    var notes: [StyledText] = []
    // The heading takes one.
    if rows.count > room - 1 {
      let idle = rows.filter(\.isIdle)
      if !idle.isEmpty {
        rows.removeAll(where: \.isIdle)
        notes.append(StyledText(Self.folded(idle, view.subject), .dim))
      }
    }
    var space = max(0, room - 1 - notes.count)
    if rows.count > space, space < 3 {
      // Rows before what is said of others.
      notes = []
      space = max(0, room - 1)
    }
    var offset = 0
    if rows.count > space {
      offset = min(screen.offset, max(0, rows.count - (space - 1)))
      let shown = rows.dropFirst(offset).prefix(max(0, space - 1))
      let others = rows.count - shown.count
      notes.insert(StyledText("… \(others) more \(view.subject): ↑ ↓ scroll", .dim), at: 0)
      rows = Array(shown)
    }
    return table(rows, of: all, order) + notes
  }

  private func isWanted(_ row: TopView.Row) -> Bool {
    if let device = screen.device, let own = row.device, own != device { return false }
    if screen.filter.isEmpty { return true }
    let wanted = screen.filter.lowercased()
    return row.cells.contains { $0.text?.lowercased().mentions(wanted) == true }
  }

  /// "60 idle queues: eth0 2-61"
  private static func folded(_ rows: [TopView.Row], _ subject: String) -> String {
    let numbered = rows.compactMap { row in
      row.number.flatMap { UInt32(exactly: $0) }.map { number in
        (device: row.device.map(Terminal.printable) ?? "", number: number)
      }
    }
    let which = numbered.grouped { $0.device }.map { device, members in
      (device.isEmpty ? "" : device + " ") + Words.ranges(members.map { $0.number })
    }
    return "\(rows.count) idle \(subject)"
      + (which.isEmpty ? "" : ": " + which.joined(separator: ", "))
  }

  /// - Parameter all: rows of which these are some: columns are as wide as all want them.
  private func table(
    _ rows: [TopView.Row], of all: [TopView.Row], _ order: Int
  ) -> [StyledText] {
    let columns = screen.current.columns
    let widths = columns.indices.map { column in
      all.reduce(max(columns[column].width, Terminal.width(columns[column].title) + 1)) {
        max($0, Terminal.width($1.cells[column].text ?? "–"))
      }
    }
    let shown = fitting(columns, widths)
    let last = shown.last
    func line(_ cell: (Int) -> (text: String, style: StyledText.Style)) -> StyledText {
      var line = StyledText()
      for column in shown {
        let (text, style) = cell(column)
        let space = String(
          repeating: " ", count: max(0, widths[column] - Terminal.width(text)))
        if columns[column].isNumber { line.append(space) }
        line.append(text, style)
        if !columns[column].isNumber, column != last { line.append(space) }
        if column != last { line.append("  ") }
      }
      return line
    }
    let heading = line { column in
      let mark = column == order ? screen.isReversed ? "▲" : "▼" : ""
      let isMarked = column == screen.cursor
      return (columns[column].title + mark, isMarked ? .reverse : .bold)
    }
    return [heading]
      + rows.map { row in
        line { column in
          let cell = row.cells[column]
          let style: StyledText.Style =
            switch cell.level {
            case .normal: .plain
            case .warning: .yellow
            case .alert: .red
            }
          return (cell.text ?? "–", style)
        }
      }
  }

  /// The columns that the terminal has room for, those of the lowest rank left out.
  private func fitting(_ columns: [TopView.Column], _ widths: [Int]) -> [Int] {
    var shown = Array(columns.indices)
    // The last may be words that are cut.
    func width() -> Int {
      shown.reduce(0) { sum, column in
        let isCut = column == shown.last && !columns[column].isNumber
        return sum + 2 + (isCut ? min(widths[column], 12) : widths[column])
      } - 2
    }
    while shown.count > 1, width() > display.columns,
      let least = shown.min(by: { columns[$0].rank < columns[$1].rank })
    {
      shown.removeAll { $0 == least }
    }
    return shown
  }
}
