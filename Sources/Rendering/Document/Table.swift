/// A text table: columns as wide as their widest cell, numbers to the right, headings in capitals.
package struct Table {
  package struct Column {
    package enum Alignment { case left, right }
    package var title: String
    package var alignment: Alignment
    /// One value that all rows have is said once, above the table.
    package var folds: Bool

    package static func left(_ title: String, folds: Bool = false) -> Column {
      Column(title: title, alignment: .left, folds: folds)
    }
    package static func right(_ title: String, folds: Bool = false) -> Column {
      Column(title: title, alignment: .right, folds: folds)
    }
  }

  package var columns: [Column]
  /// What the rows are, in the plural: "queues".
  private let subjects: String
  package private(set) var rows: [[String]] = []

  package init(_ columns: [Column], of subjects: String = "rows") {
    self.columns = columns
    self.subjects = subjects
  }

  /// Appends a row; a cell that is absent shows as "–", and cells beyond the columns are dropped.
  package mutating func add(_ cells: [String?]) {
    rows.append(
      columns.indices.map { $0 < cells.count ? cells[$0].map(Terminal.printable) ?? "–" : "–" })
  }

  /// The lines of the table, each indented; columns in which no row has anything are left out.
  package func lines(indent: Int = 0) -> [String] {
    let margin = String(repeating: " ", count: indent)
    let used = columns.indices.filter { column in rows.contains { $0[column] != "–" } }
    let folded = used.filter { column in
      columns[column].folds && rows.count > 1
        && rows.allSatisfy { $0[column] == rows[0][column] }
    }
    let shown = used.filter { !folded.contains($0) }
    let widths = shown.map { column in
      rows.reduce(Terminal.width(columns[column].title)) { max($0, Terminal.width($1[column])) }
    }
    func line(_ cells: [String]) -> String {
      var line = margin
      for (place, column) in shown.enumerated() {
        let cell = cells[column]
        let space = String(repeating: " ", count: widths[place] - Terminal.width(cell))
        line += columns[column].alignment == .right ? space + cell : cell + space
        line += "  "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    let common = folded.map { "\(columns[$0].title.lowercased()) \(rows[0][$0])" }
    return
      (common.isEmpty
      ? [] : ["\(margin)all \(subjects): \(common.joined(separator: ", "))"])
      + [line(columns.map(\.title))] + rows.map(line)
  }
}
