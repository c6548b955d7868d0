import Glibc
import Notation

extension Capture.Host {
  /// The machine, the user and the time that this process runs under.
  package static func current(rxtuneVersion: String) -> Capture.Host {
    var names = utsname()
    _ = unsafe uname(&names)
    return Capture.Host(
      kernelRelease: text(of: names.release), machine: text(of: names.machine),
      date: TimeStamp.now().description, rxtuneVersion: rxtuneVersion, userID: geteuid())
  }

  /// What this machine calls itself (uname -n).
  package static var nodeName: String {
    var names = utsname()
    _ = unsafe uname(&names)
    return text(of: names.nodename)
  }

  /// A fixed-size character field of C's, up to its first NUL.
  private static func text<Field>(of field: Field) -> String {
    unsafe withUnsafeBytes(of: field) {
      String(decoding: unsafe [UInt8]($0.prefix { $0 != 0 }), as: UTF8.self)
    }
  }
}
