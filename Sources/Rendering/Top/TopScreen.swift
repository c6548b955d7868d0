/// What somebody chose to see: a view, its order, its part.
package struct TopScreen: Hashable, Sendable {
  /// Of `TopView.all`.
  package var view = 0
  /// By view.
  package var sortColumns = TopView.all.map(\.sortColumn)
  package var isReversed = false
  /// The column that the arrow keys are on.
  package var cursor: Int?
  /// Rows that contain it, whatever their case.
  package var filter = ""
  /// nil: of all devices.
  package var device: String?
  /// Rows that were scrolled away.
  package var offset = 0
  package var isHelp = false
  /// What is being typed, behind its question.
  package var prompt: (question: String, text: String)? {
    get { question.map { ($0, typed) } }
    set { (question, typed) = (newValue?.question, newValue?.text ?? "") }
  }
  private var question: String?
  private var typed = ""
  /// Said once, until the next key.
  package var message: String?
  /// "every 1s", "paused, 3 back", "recorded, 2 of 40".
  package var state = ""

  package init() {}

  /// The view that is shown.
  package var current: TopView { TopView.all[min(max(view, 0), TopView.all.count - 1)] }
}
