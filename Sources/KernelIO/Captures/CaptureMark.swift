/// What a line of a capture is, by its first byte; questions begin with a letter.
enum CaptureMark: UInt8 {
  /// `|`: a line of a file, or a string.
  case text = 0x7c
  /// `\`: a file's last line, which lacks its newline.
  case unfinishedText = 0x5c
  /// `=`: bytes.
  case hex = 0x3d
  /// `>`: bytes of the question.
  case request = 0x3e
  /// `<`: a netlink message of the answer.
  case reply = 0x3c
  /// `!`: a refusal.
  case refusal = 0x21

  /// A line for readers only.
  static let remark = UInt8(ascii: "#")
  /// Inside a line of hex: the rest is for readers only.
  static let remarkInHex = UInt8(ascii: ";")
  /// In the place of hex digits: so many bytes of zero.
  static let zeroRun = UInt8(ascii: "*")
  /// What one such line may stand for, so that a short file cannot ask for the moon.
  static let longestZeroRun = 1 << 16
}

extension UInt8 {
  static let newline = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let backslash = UInt8(ascii: "\\")
}
