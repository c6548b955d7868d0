/// A command's discussion, taken apart: prose, then sections that stand under a line of their own.
///
///     Examples:
///       rxtune get rings eth0
///           Ring sizes of eth0.
///
///     Exit status:
///       2  There are findings.
struct Discussion {
  struct Example: Equatable {
    var command: String
    var meaning: String
  }
  struct Status: Equatable {
    var code: String
    var meaning: String
  }

  /// Prose is a paragraph; of what is indented in it, "term: text" is an item of a list, which lines
  /// that are indented more continue, and all else stands as it is.
  enum Block: Equatable {
    case paragraph(String)
    case item(term: String, text: String)
    case literal(String)
  }

  var blocks: [Block] = []
  var examples: [Example] = []
  var statuses: [Status] = []

  private enum Section { case prose, examples, statuses }

  init(_ text: String) {
    var section = Section.prose
    var paragraph = ""
    func endParagraph() {
      if !paragraph.isEmpty { blocks.append(.paragraph(paragraph)) }
      paragraph = ""
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.drop { $0 == " " }
      switch (String(line), section) {
      case ("Examples:", _): section = .examples
      case ("Exit status:", _): section = .statuses
      case (_, .prose):
        if words.isEmpty {
          endParagraph()
        } else if line.hasPrefix("      "), case .item(let term, let text)? = blocks.last {
          blocks[blocks.count - 1] = .item(term: term, text: "\(text) \(words)")
        } else if line.hasPrefix("  ") {
          endParagraph()
          blocks.append(Self.indented(words))
        } else {
          paragraph += (paragraph.isEmpty ? "" : " ") + words
        }
      case (_, .examples) where !words.isEmpty:
        addExample(String(words), indent: line.count - words.count)
      case (_, .statuses) where !words.isEmpty: addStatus(words)
      default: continue
      }
    }
    endParagraph()
  }

  private static func indented(_ words: Substring) -> Block {
    guard let colon = words.firstRange(of: ": ") else { return .literal(String(words)) }
    return .item(
      term: String(words[..<colon.lowerBound]), text: String(words[colon.upperBound...]))
  }

  /// A command is indented by two spaces, what it means by more.
  private mutating func addExample(_ words: String, indent: Int) {
    if indent <= 2 || examples.isEmpty {
      examples.append(Example(command: words, meaning: ""))
    } else {
      let last = examples.count - 1
      examples[last].meaning += (examples[last].meaning.isEmpty ? "" : " ") + words
    }
  }

  private mutating func addStatus(_ words: Substring) {
    let code = words.prefix { $0.isNumber }
    if code.isEmpty, !statuses.isEmpty {
      statuses[statuses.count - 1].meaning += " " + words
    } else {
      let meaning = words.dropFirst(code.count).drop { $0 == " " }
      statuses.append(Status(code: String(code), meaning: String(meaning)))
    }
  }
}
