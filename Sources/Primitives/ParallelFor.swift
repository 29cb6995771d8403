import Dispatch

/// Calls `body(worker, index)` once for every index in `0..<count`, on at most `threads` threads.
///
/// Indices are handed out one by one, so the order of execution is not fixed: a body whose result
/// depends only on `index`, stored by index, gives the same answer for any number of threads.
/// `worker`, in `0..<threads`, selects the caller's workspace. Returns when all calls have.
package func parallelFor(
  count: Int, threads: Int, _ body: @Sendable (_ worker: Int, _ index: Int) -> Void
) {
  let workers = min(threads, count)
  guard workers > 1 else {
    for index in 0..<count { body(0, index) }
    return
  }
  let counter = AtomicCounter()
  DispatchQueue.concurrentPerform(iterations: workers) { worker in
    while true {
      let index = counter.next()
      if index >= count { return }
      body(worker, index)
    }
  }
}
