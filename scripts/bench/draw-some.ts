/** Some of many, by a seeded lot. */
import { createRandom } from '../../src/engine/random.ts'

/** So many different ones, or all there are; the same for the same seed. */
export function drawSome(from: readonly number[], count: number, seed: number): number[] {
  const left = [...from]
  const random = createRandom(seed)
  const drawn: number[] = []
  while (drawn.length < count && left.length > 0) {
    const place = random.below(left.length)
    drawn.push(left[place]!)
    left[place] = left.at(-1)!
    left.pop()
  }
  return drawn
}
