import Glibc

/// An open file, closed when it goes out of scope.
struct Descriptor: ~Copyable {
  let raw: Int32

  /// Opens, or throws the errno.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(Errno) {
    raw = unsafe open(path, flags | O_CLOEXEC, mode)
    guard raw >= 0 else { throw Errno(rawValue: errno) }
  }

  init(socket domain: Int32, _ type: Int32) throws(Errno) {
    raw = socket(domain, type | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { throw Errno(rawValue: errno) }
  }

  deinit { close(raw) }
}
