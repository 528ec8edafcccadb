/**
 * What holds between answers, whatever the problem. The true optimum of these problems is not known; but a value
 * and a bound of two problems of which one allows all that the other allows must be in order, however good or
 * bad either answer is.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignmentOf } from '../../src/engine/assignment.ts'
import { certify } from '../../src/engine/certify.ts'
import { firstComeFirstServed } from '../../src/engine/first-come.ts'
import { missingUnits, unmetFloors } from '../../src/engine/floors.ts'
import { type Problem, rowsOf } from '../../src/engine/problem.ts'
import { readProblem } from '../../src/engine/problem-file.ts'
import { type Progress, type Solution, solve } from '../../src/engine/solve.ts'
import { isFeasible, totalUtility } from './support/oracle.ts'
import { type ProblemJson, roughProblem } from './support/rough-problem.ts'

const PLAN = { rounds: 6 }
const seed = fc.integer({ min: 0, max: 2 ** 31 })
const solved = (file: ProblemJson, more = {}) => solve(readProblem(file), { ...PLAN, ...more })
const edited = (file: ProblemJson, edit: (copy: ProblemJson) => void): ProblemJson => {
  const copy = structuredClone(file)
  edit(copy)
  return copy
}
const needsOf = (file: ProblemJson) => file.residents.flatMap((resident) => resident.needs)
const optionsOf = (file: ProblemJson) => needsOf(file).flatMap((need) => need.options)

/** Every bit of an answer, but for names. */
const bits = ({ choice, value, bound, prices, scale, rounds }: Solution) => ({
  choice: [...choice],
  value,
  bound,
  prices: [...prices],
  scale,
  rounds,
})

function expectTrue(problem: Problem, solution: Solution): void {
  const { choice, value, bound, gap, unmetFloors: unmet } = solution
  const without = { ...problem, floors: new Int32Array(problem.floors.length) }
  expect(isFeasible(without, choice)).toBe(true)
  expect(unmet).toEqual(unmetFloors(problem, choice))
  expect(isFeasible(problem, choice)).toBe(unmet.length === 0)
  expect(value).toBe(totalUtility(problem, choice))
  expect(gap).toBe(bound === 0 ? 0 : (bound - value) / bound)
  if (unmet.length === 0) expect(certify(problem, solution)).toEqual({ ok: true, value, bound })
}

describe('an answer', () => {
  test('is feasible, adds up, and is proved', () => {
    let met = 0
    let missed = 0
    fc.assert(
      fc.property(roughProblem({ floors: true }), seed, (file, seed) => {
        const problem = readProblem(file)
        const solution = solve(problem, { ...PLAN, seed })
        expectTrue(problem, solution)
        if (solution.unmetFloors.length > 0) missed++
        else if (problem.floors.some((floor) => floor > 0)) met++
      }),
      { seed: 101, numRuns: 250 },
    )
    expect(met).toBeGreaterThan(20)
    expect(missed).toBeGreaterThan(5)
  })

  test('is proved whatever prices it begins with', () => {
    const price = fc.oneof(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.constantFrom(0, -3, 1e-300, 1e15, -1e15, 1e300),
    )
    const six = fc.array(price, { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(roughProblem({ floors: true }), six, (file, any) => {
        const problem = readProblem(file)
        // Of accounts without a floor or a limit, see below.
        const { floors, limits } = problem
        const lawful = (k: number) => (limits[k]! > 0 && (any[k]! > 0 || floors[k]! > 0) ? any[k]! : 0)
        const warmPrices = Float64Array.from(limits, (_, k) => lawful(k))
        expectTrue(problem, solve(problem, { ...PLAN, warmPrices }))
      }),
      { seed: 102, numRuns: 200 },
    )
  })

  test.each<[string, Omit<ProblemJson['accounts'][number], 'id'>, number]>([
    ['a reward that is left from a floor that nobody asks for anymore', { limit: 2 }, -3],
    ['the price of an account that has been closed', { limit: 0 }, 3],
  ])('is proved if it begins with %s', (_what, account, price) => {
    const accounts = [{ id: 'a', ...account }]
    const problem = readProblem({ format: 'lifecircle-problem/1', accounts, residents: [] })
    expectTrue(problem, solve(problem, { ...PLAN, warmPrices: Float64Array.of(price) }))
  })

  test('is the same to the bit: again, without names, in a copy, and after other work', () => {
    fc.assert(
      fc.property(roughProblem({ floors: true }), roughProblem({}), seed, (file, other, seed) => {
        const problem = readProblem(file)
        const options = { ...PLAN, seed }
        const first = bits(solve(problem, options))
        solve(readProblem(other), options)
        expect(bits(solve(problem, options))).toEqual(first)
        expect(bits(solve(structuredClone(rowsOf(problem)), options))).toEqual(first)
      }),
      { seed: 103, numRuns: 60 },
    )
  })

  test('leaves the problem as it was', () => {
    fc.assert(
      fc.property(roughProblem({ floors: true }), (file) => {
        const problem = readProblem(file)
        const before = structuredClone(rowsOf(problem))
        const start = firstComeFirstServed(
          problem,
          problem.names.needs.map((_, need) => need) as never,
        ).choice
        const given = start.slice()
        const warmPrices = new Float64Array(problem.limits.length).fill(1.5)
        solve(problem, { ...PLAN, start, warmPrices })
        expect(rowsOf(problem)).toEqual(before)
        expect(start).toEqual(given)
        expect(warmPrices.every((price) => price === 1.5)).toBe(true)
      }),
      { seed: 104, numRuns: 40 },
    )
  })

  test('gets no worse while it is improved', () => {
    fc.assert(
      fc.property(roughProblem({}), seed, (file, seed) => {
        const seen: Progress[] = []
        const { value } = solved(file, {
          rounds: 30,
          seed,
          onRound: (progress: Progress) => seen.push(progress),
        })
        const values = [...seen.map((progress) => progress.value), value]
        expect(values).toEqual([...values].sort((a, b) => a - b))
        const bounds = seen.filter(({ phase }) => phase === 'prices').map(({ bound }) => bound)
        expect(bounds).toEqual([...bounds].sort((a, b) => b - a))
      }),
      { seed: 105, numRuns: 60 },
    )
  })
})

describe('a run that starts from an earlier answer', () => {
  test('is never worse, however long it is', () => {
    fc.assert(
      fc.property(roughProblem({ floors: true }), seed, fc.constantFrom(1, 2, 12), (file, seed, rounds) => {
        const problem = readProblem(file)
        const short = solve(problem, { ...PLAN, seed })
        const long = solve(problem, { rounds, seed: seed + 1, start: short.choice })
        expectTrue(problem, long)
        const missing = ({ choice }: Solution) => missingUnits(problem, assignmentOf(problem, choice).room)
        expect(missing(long)).toBeLessThanOrEqual(missing(short))
        if (missing(long) === missing(short)) expect(long.value).toBeGreaterThanOrEqual(short.value)
      }),
      { seed: 106, numRuns: 120 },
    )
  })

  test('is never worse where there is no time at all', () => {
    fc.assert(
      fc.property(roughProblem({}), seed, (file, seed) => {
        const problem = readProblem(file)
        const short = solve(problem, { ...PLAN, seed })
        const none = solve(problem, { ...PLAN, start: short.choice, seconds: 0, now: () => 0 })
        expectTrue(problem, none)
        expect(none.value).toBeGreaterThanOrEqual(short.value)
      }),
      { seed: 107, numRuns: 60 },
    )
  })
})

describe('what changes nothing', () => {
  test('other ids, unknown fields, uses in another order, uses of 0', () => {
    fc.assert(
      fc.property(roughProblem({ floors: true }), seed, (file, seed) => {
        const other = edited(file, (copy) => {
          const renamed = (id: string) => `${id.split('').reverse().join('')} 鄰`
          const entries = (uses: Record<string, number>) =>
            Object.fromEntries(
              Object.entries(uses)
                .reverse()
                .map(([id, amount]) => [renamed(id), amount]),
            )
          for (const account of copy.accounts) account.id = renamed(account.id)
          for (const resident of copy.residents) {
            Object.assign(resident, { id: renamed(resident.id), age: 81 })
            for (const account of resident.accounts) account.id = renamed(account.id)
          }
          for (const need of needsOf(copy)) need.id = renamed(need.id)
          for (const option of optionsOf(copy)) {
            option.id = renamed(option.id)
            option.uses = { ...entries(option.uses) }
            option.privateUses = entries(option.privateUses)
            for (const { id } of copy.accounts) option.uses[id] ??= 0
          }
        })
        expect(bits(solved(other, { seed }))).toEqual(bits(solved(file, { seed })))
      }),
      { seed: 108, numRuns: 80 },
    )
  })

  test('an account that nobody uses', () => {
    fc.assert(
      fc.property(roughProblem({ floors: true }), fc.nat({ max: 9 }), seed, (file, limit, seed) => {
        const other = edited(file, (copy) => copy.accounts.push({ id: 'idle', limit }))
        const first = bits(solved(file, { seed }))
        expect(bits(solved(other, { seed }))).toEqual({ ...first, prices: [...first.prices, 0] })
      }),
      { seed: 109, numRuns: 60 },
    )
  })
})

describe('value and bound of two problems are in order where', () => {
  /** All that `narrow` allows, `wide` allows too, where it is worth `unit` / `times` as much. */
  const inOrder = (narrow: ProblemJson, wide: ProblemJson, unit = 1, times = 1) => {
    const [inner, outer] = [solved(narrow), solved(wide)]
    if (inner.unmetFloors.length > 0) return
    expect(times * outer.bound).toBeGreaterThanOrEqual(unit * inner.value)
  }
  const sameOptimum = (file: ProblemJson, other: ProblemJson, factor = 1) => {
    inOrder(file, other, factor, 1)
    inOrder(other, file, 1, factor)
  }
  const check = (what: string, number: number, compare: (file: ProblemJson, at: number) => void) =>
    test(what, () => {
      fc.assert(fc.property(roughProblem({ floors: true }), fc.nat(), compare), {
        seed: number,
        numRuns: 150,
      })
    })

  check('every utility is k times as high', 110, (file, at) => {
    const k = 1 + (at % 9)
    sameOptimum(
      file,
      edited(file, (copy) => {
        for (const option of optionsOf(copy)) option.utility *= k
      }),
      k,
    )
  })

  check('an account is counted in smaller units', 111, (file, at) => {
    const k = 2 + (at % 99)
    sameOptimum(
      file,
      edited(file, (copy) => {
        const account = copy.accounts[at % copy.accounts.length]!
        account.limit *= k
        if (account.floor !== undefined) account.floor *= k
        for (const { uses } of optionsOf(copy)) if (uses[account.id] !== undefined) uses[account.id]! *= k
      }),
    )
  })

  check('residents, needs, options and accounts come in another order', 112, (file) => {
    sameOptimum(
      file,
      edited(file, (copy) => {
        copy.accounts.reverse()
        copy.residents.reverse()
        for (const resident of copy.residents) {
          resident.accounts.reverse()
          resident.needs.reverse()
          for (const need of resident.needs) need.options.reverse()
        }
      }),
    )
  })

  check('a private account is shared by nobody else', 113, (file) => {
    // A wallet is nothing but a shared account that only its owner can use.
    sameOptimum(
      file,
      edited(file, (copy) => {
        for (const resident of copy.residents) {
          const name = (id: string) => `${resident.id}'s ${id}`
          for (const { id, limit } of resident.accounts) copy.accounts.push({ id: name(id), limit })
          for (const option of resident.needs.flatMap((need) => need.options)) {
            for (const [id, amount] of Object.entries(option.privateUses)) option.uses[name(id)] = amount
            option.privateUses = {}
          }
          resident.accounts = []
        }
      }),
    )
  })

  check('a limit is raised, and the old answer is a start for the new problem', 114, (file, at) => {
    const wide = edited(file, (copy) => {
      copy.accounts[at % copy.accounts.length]!.limit += 1 + (at % 5)
    })
    inOrder(file, wide)
    const before = solved(file)
    if (before.unmetFloors.length > 0) return
    const after = solved(wide, { start: before.choice })
    expect(after.unmetFloors).toEqual([])
    expect(after.value).toBeGreaterThanOrEqual(before.value)
  })

  check('a floor is lowered', 115, (file, at) => {
    inOrder(file, edited(file, (copy) => {
      const account = copy.accounts[at % copy.accounts.length]!
      account.floor = Math.floor((account.floor ?? 0) / 2)
    })) // biome-ignore format: as the others
  })

  check('a resident comes, a need gets one more option, or an option gets better', 116, (file, at) => {
    const needs = needsOf(file)
    inOrder(
      file,
      edited(file, (copy) => {
        const extra = { id: 'extra', utility: 7, uses: { [copy.accounts[0]!.id]: 1 }, privateUses: {} }
        if (at % 3 === 0) {
          copy.residents.unshift({ id: 'new', accounts: [], needs: [{ id: 'new', options: [extra] }] })
        } else if (at % 3 === 1 && needs.length > 0) {
          needsOf(copy)[at % needs.length]!.options.push(extra)
        } else for (const option of optionsOf(copy)) option.utility += at % 4
      }),
    )
  })
})
