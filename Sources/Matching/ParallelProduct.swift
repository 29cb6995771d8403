import QAPDenseAlgebra
import QAPPrimitives

/// op(A)·B or op(A)·Bᵀ, m × n, in panels of rows that threads compute side by side.
///
/// The panels do not depend on the number of threads, and each is the work of one, so neither does
/// the result. (OpenBLAS's own threads divide the work, and round, by their number.)
func parallelProduct(
  _ a: Matrix<Double>, _ operationA: Operation, _ b: Matrix<Double>, _ operationB: Operation,
  threads: Int
) -> Matrix<Double> {
  let panel = 64
  let m = operationA == .plain ? a.rows : a.columns
  let n = operationB == .plain ? b.columns : b.rows
  setDenseAlgebraThreads(1)
  return Matrix(rows: m, columns: n, startingFrom: 0) { out in
    a.withView { elements in
      b.withView { other in
        parallelFor(count: (m + panel - 1) / panel, threads: threads) { _, index in
          let rows = index * panel..<min(m, (index + 1) * panel)
          let part =
            operationA == .plain
            ? rowsOf(elements, rows, columns: a.columns)
            : MatrixView(
              elements.window(rows.lowerBound, elements.count - rows.lowerBound), rows: a.rows,
              columns: rows.count, stride: a.columns)
          gemm(
            1, part, operationA, MatrixView(other, rows: b.rows, columns: b.columns), operationB,
            into: MatrixView(
              out.window(rows.lowerBound * n, rows.count * n), rows: rows.count, columns: n))
        }
      }
    }
  }
}
