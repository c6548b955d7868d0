/// What went wrong with the lab itself, in one line and what the guest said last.
struct LabError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
