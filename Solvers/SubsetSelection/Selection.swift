import QAPPrimitives

/// The sum of the `count` smallest elements of `numbers`, which are reordered so that these come
/// first. Expected O(numbers.count), by Hoare's selection with the median of three.
func sumOfSmallest<Number: Comparable & AdditiveArithmetic & BitwiseCopyable>(
  _ numbers: BufferView<Number>, _ count: Int
) -> Number {
  var (low, high) = (0, numbers.count - 1)
  // Invariant: what is before `low` is smallest, what is behind `high` largest.
  while low < high, count > low, count <= high {
    let (a, b, c) = (numbers[low], numbers[(low + high) / 2], numbers[high])
    let pivot = max(min(a, b), min(max(a, b), c))
    var (i, j) = (low, high)
    while i <= j {
      while numbers[i] < pivot { i += 1 }
      while pivot < numbers[j] { j -= 1 }
      if i <= j {
        let number = numbers[i]
        numbers[i] = numbers[j]
        numbers[j] = number
        i += 1
        j -= 1
      }
    }
    if count <= j + 1 {
      high = j
    } else if count >= i {
      low = i
    } else {
      break
    }
  }
  var sum = Number.zero
  for k in 0..<count { sum += numbers[k] }
  return sum
}
