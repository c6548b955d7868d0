extension [String] {
  /// As the standard library's for any collection of strings, which looks an array's conformance up when
  /// it is called first, in all of the program's: 250,000 instructions.
  package func joined(separator: String = "") -> String {
    guard var text = first else { return "" }
    for string in dropFirst() {
      text += separator
      text += string
    }
    return text
  }
}
