/// A text table: columns as wide as their widest cell, numbers to the right.
package struct Table {
  package struct Column {
    package enum Alignment { case left, right }
    package var title: String
    package var alignment: Alignment

    package static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
    package static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
  }

  package var columns: [Column]
  package private(set) var rows: [[String]] = []

  package init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Appends a row; a cell that is absent shows as "–", and cells beyond the columns are dropped.
  package mutating func add(_ cells: [String?]) {
    rows.append(
      columns.indices.map { $0 < cells.count ? cells[$0].map(Terminal.printable) ?? "–" : "–" })
  }

  /// The lines of the table, each indented; columns in which no row has anything are left out.
  package func lines(indent: Int = 0) -> [String] {
    let used = columns.indices.filter { column in rows.contains { $0[column] != "–" } }
    let widths = used.map { column in
      rows.reduce(Terminal.width(columns[column].title)) { max($0, Terminal.width($1[column])) }
    }
    func line(_ cells: [String]) -> String {
      var line = String(repeating: " ", count: indent)
      for (place, column) in used.enumerated() {
        let cell = cells[column]
        let space = String(repeating: " ", count: widths[place] - Terminal.width(cell))
        line += columns[column].alignment == .right ? space + cell : cell + space
        line += "  "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    return [line(columns.map(\.title))] + rows.map(line)
  }
}
