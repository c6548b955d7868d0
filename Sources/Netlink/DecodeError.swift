/// Bytes from the kernel (or a capture) that do not decode.
///
/// `context` names the message and the attributes on the way down ("rings-get-reply/header"),
/// `offset` counts bytes from the start of the innermost thing named there.
package struct DecodeError: Error, Hashable, CustomStringConvertible {
  package var context: String
  package var offset: Int
  package var problem: String

  package init(_ context: String, offset: Int, _ problem: String) {
    self.context = context
    self.offset = offset
    self.problem = problem
  }

  package var description: String { "\(context): byte \(offset): \(problem)" }
}
