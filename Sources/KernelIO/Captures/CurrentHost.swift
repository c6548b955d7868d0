import Glibc

extension Capture.Host {
  /// The machine, the user and the time that this process runs under.
  package static func current(rxtuneVersion: String) -> Capture.Host {
    var names = utsname()
    _ = unsafe uname(&names)
    return Capture.Host(
      kernelRelease: text(of: names.release), machine: text(of: names.machine),
      date: timestamp(time(nil)), rxtuneVersion: rxtuneVersion, userID: geteuid())
  }

  /// A fixed-size character field of C's, up to its first NUL.
  private static func text<Field>(of field: Field) -> String {
    unsafe withUnsafeBytes(of: field) {
      String(decoding: unsafe [UInt8]($0.prefix { $0 != 0 }), as: UTF8.self)
    }
  }

  private static func timestamp(_ seconds: time_t) -> String {
    var seconds = seconds
    var parts = unsafe tm()
    guard unsafe gmtime_r(&seconds, &parts) != nil else { return "unknown" }
    var text = [CChar](repeating: 0, count: 32)
    let count = unsafe strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
