import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { certify } from '../../src/engine/certify.ts'
import { createProblemBuilder, type Problem } from '../../src/engine/problem.ts'
import { solve } from '../../src/engine/solve.ts'

const FOLDER = new URL('../../../shared/data/gap/', import.meta.url)
const present = existsSync(FOLDER)
if (!present)
  console.warn('Skipped: the generalized assignment instances, because ../shared/data/gap is absent.')

/** Leaving an item out must never pay, so every item is worth more than all costs together. */
function readInstance(path: string): { problem: Problem; perItem: number } {
  const figures = readFileSync(new URL(path, FOLDER), 'utf8').trim().split(/\s+/).map(Number)
  const [agents, items] = figures as [number, number]
  const cost = (agent: number, item: number) => figures[2 + agent * items + item]!
  const weight = (agent: number, item: number) => figures[2 + agents * items + agent * items + item]!
  const perItem = items * Math.max(...figures.slice(2, 2 + agents * items))
  const builder = createProblemBuilder()
  for (let agent = 0; agent < agents; agent++)
    builder.account(`agent ${agent}`, figures[2 + 2 * agents * items + agent]!)
  for (let item = 0; item < items; item++) {
    builder.resident(`item ${item}`)
    builder.need(`item ${item}`)
    for (let agent = 0; agent < agents; agent++) {
      builder.option(`agent ${agent}`, perItem - cost(agent, item), [[agent, weight(agent, item)]], [])
    }
  }
  return { problem: builder.build(), perItem }
}

describe.skipIf(!present)('generalized assignment instances of Cattrysse et al. 1994', () => {
  const best = new Map<string, number>()
  if (present) {
    for (const line of readFileSync(new URL('best-known.csv', FOLDER), 'utf8').trim().split('\n').slice(1)) {
      const cells = line.split(',')
      best.set(cells[0]!, Number(cells[6]))
    }
  }
  const paths = present
    ? readdirSync(new URL('cattrysse1994', FOLDER)).map((name) => `cattrysse1994/${name}`)
    : []

  test.each(paths)('%s: value ≤ best known ≤ bound, certified', (path) => {
    const { problem, perItem } = readInstance(path)
    const solution = solve(problem, { rounds: 60 })
    const optimum = problem.names.needs.length * perItem - best.get(path)!
    expect(solution.value).toBeLessThanOrEqual(optimum)
    expect(solution.bound).toBeGreaterThanOrEqual(optimum)
    expect(certify(problem, solution).ok).toBe(true)
  })
})
