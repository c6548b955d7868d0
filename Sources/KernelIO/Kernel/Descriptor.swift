import Glibc

/// An open file, closed when it goes out of scope.
struct Descriptor: ~Copyable {
  let raw: Int32

  // `raw` is assigned last: a throw before it leaves nothing for `deinit` to close.

  /// Opens, or throws the errno.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(Errno) {
    let descriptor = unsafe open(path, flags | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    raw = descriptor
  }

  init(socket domain: Int32, _ type: Int32) throws(Errno) {
    let descriptor = socket(domain, type | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    raw = descriptor
  }

  /// Takes over an open one.
  init(adopting raw: Int32) { self.raw = raw }

  deinit { close(raw) }
}
