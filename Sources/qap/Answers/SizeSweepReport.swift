import QAP
import QAPFrontend
import QAPMatching
import QAPRegistry
import QAPReporting

/// The JSON of `match --sizes`.
struct SizeSweepReport: Encodable {
  let metric: String
  let method: String
  let sizes: [SizeSweep.Row]
  let version: String
}
