extension StringProtocol {
  /// Where `text` stands in this string first.
  ///
  /// The standard library's `firstRange(of:)`, `contains(_:)` of a string, `replacing(_:with:)` and
  /// `split(separator:)` by one come with its regular expressions, a megabyte of the binary.
  package func firstOccurrence(of text: some StringProtocol) -> Range<Index>? {
    var start = startIndex
    while true {
      let rest = self[start...]
      if rest.hasPrefix(text) {
        return start..<(rest.index(start, offsetBy: text.count, limitedBy: endIndex) ?? endIndex)
      }
      guard start < endIndex else { return nil }
      formIndex(after: &start)
    }
  }

  /// Whether `text` stands anywhere in this string.
  package func mentions(_ text: some StringProtocol) -> Bool { firstOccurrence(of: text) != nil }
}
