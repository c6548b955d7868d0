extension DecodingError {
  /// Why a line of JSON does not decode, for people: "run.load.counts is missing".
  package static func reason(_ error: any Error) -> String {
    func name(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "it" : path.map(\.stringValue).joined(separator: ".")
    }
    return switch error as? DecodingError {
    case .keyNotFound(let key, let context)?: "\(name(context.codingPath + [key])) is missing"
    case .typeMismatch(_, let context)?: "\(name(context.codingPath)) is of another type"
    case .valueNotFound(_, let context)?: "\(name(context.codingPath)) has no value"
    case .dataCorrupted(let context)? where context.underlyingError is NumberOutOfRange:
      "\(name(context.codingPath)) is out of range"
    case .dataCorrupted(let context)?:
      context.codingPath.isEmpty
        ? "it is of another kind"
        : "\(name(context.codingPath)) holds a word that this rxtune does not know"
    case nil: "\(error)"
    @unknown default: "\(error)"
    }
  }
}
