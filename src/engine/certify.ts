import type { Problem } from './problem.ts'

// This file shares no code with the rest of the engine (the import above is a type): it trusts neither
// the builder's checks nor the solver's arithmetic, and reads problem and result files by itself.

/** What `certify` finds: the proven value and bound, or the first thing that is wrong, as a sentence. */
export type Certificate =
  | { readonly ok: true; readonly value: number; readonly bound: number }
  | { readonly ok: false; readonly reason: string }

/** What is claimed of a problem in memory. */
export interface Claim {
  /** Need → option, or −1. */
  readonly choice: ArrayLike<number>
  readonly value: number
  readonly bound: number
  /** Integer price per shared account, times `scale`. */
  readonly prices: ArrayLike<number>
  readonly scale: number
}

interface PlainUse {
  readonly account: number
  readonly amount: bigint
}
interface PlainOption {
  readonly utility: bigint
  readonly uses: readonly PlainUse[]
  readonly privateUses: readonly PlainUse[]
}
interface PlainNeed {
  readonly id: string
  readonly options: readonly PlainOption[]
  /** Place of the chosen option in `options`, or −1. */
  readonly chosen: number
}
interface PlainResident {
  readonly limits: readonly bigint[]
  readonly needs: readonly PlainNeed[]
}
interface Valued {
  readonly value: bigint
  readonly privateUses: readonly PlainUse[]
}

class Refusal extends Error {}

/** Search nodes per resident; a resident beyond them is bounded without private accounts. */
const MOST_NODES = 100_000
/** Needs of one resident that may compete for private accounts before the search is not attempted. */
const DEEPEST = 500

/**
 * Re-proves a claim in exact integer (BigInt) arithmetic: every account holds, the utilities add up to
 * `value`, and the prices prove a bound no higher than `bound`. Never throws on a wrong claim.
 */
export function certify(problem: Problem, claim: Claim): Certificate {
  return verdict(() => {
    const { value, bound, scale } = claim
    if (!Number.isSafeInteger(scale) || scale < 1) refuse(`The scale ${scale} is not a positive integer.`)
    if (claim.choice.length !== problem.needOptions.length - 1) {
      refuse(
        `The assignment is for ${claim.choice.length} needs, the problem has ${problem.needOptions.length - 1}.`,
      )
    }
    if (claim.prices.length !== problem.limits.length) {
      refuse(`There are ${claim.prices.length} prices for ${problem.limits.length} accounts.`)
    }
    const { accounts } = problem.names
    const limits = accounts.map((id, k) => natural(problem.limits[k], `The limit of account "${id}"`))
    const prices = accounts.map((id, k) => natural(claim.prices[k], `The scaled price of account "${id}"`))
    return prove(
      { accounts, limits, prices, scale: BigInt(scale) },
      plainRows(problem, claim.choice),
      value,
      bound,
    )
  })
}

/**
 * The same for the content of a `lifecircle-problem/1` and a `lifecircle-result/1` file (parsed JSON).
 * Beyond the proof it requires that the assignment names every need, the prices every account, and that
 * the gap is (bound − value) / bound.
 */
export function certifyFile(problemFile: unknown, resultFile: unknown): Certificate {
  return verdict(() => {
    const problem = record(problemFile, 'The problem')
    const result = record(resultFile, 'The result')
    if (problem.format !== 'lifecircle-problem/1')
      refuse('The problem is not in format lifecircle-problem/1.')
    if (result.format !== 'lifecircle-result/1') refuse('The result is not in format lifecircle-result/1.')
    const value = Number(natural(result.value, 'The value'))
    const bound = Number(natural(result.bound, 'The bound'))
    const gap = bound === 0 ? 0 : (bound - value) / bound
    if (result.gap !== gap) refuse(`The gap is ${gap}, but ${String(result.gap)} is claimed.`)
    for (const field of ['seconds', 'rounds', 'peakMemoryMb']) checkFigure(result[field], field)
    const market = readMarket(problem, result)
    return prove(market, plainFile(problem, result, market.accounts), value, bound)
  })
}

interface Market {
  readonly accounts: readonly string[]
  readonly limits: readonly bigint[]
  /** Times `scale`. */
  readonly prices: readonly bigint[]
  readonly scale: bigint
}

function verdict(proof: () => Certificate): Certificate {
  try {
    return proof()
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message }
    throw error
  }
}

function refuse(reason: string): never {
  throw new Refusal(reason)
}

/**
 * Feasibility, value and weak duality in one pass. For any prices p ≥ 0, no feasible assignment exceeds
 * Σ p × limit + Σ_residents max(utility − p × uses) (Fisher 1981); utilities are integers, so the total
 * may be rounded down. An option that alone exceeds an account is in no feasible assignment and left out.
 */
function prove(
  market: Market,
  residents: Iterable<PlainResident>,
  value: number,
  bound: number,
): Certificate {
  const { limits, prices, scale, accounts } = market
  const room = [...limits]
  let dual = limits.reduce((sum, limit, account) => sum + limit * prices[account]!, 0n)
  let total = 0n
  for (const resident of residents) {
    total += serve(resident, room)
    dual += residentMaximum(resident, market)
  }
  const short = room.findIndex((left) => left < 0n)
  if (short >= 0) refuse(`Account "${accounts[short]}" is overspent by ${-room[short]!}.`)
  const proven = dual / scale
  if (!Number.isSafeInteger(value) || BigInt(value) !== total) {
    refuse(`The assignment is worth ${total}, but ${value} is claimed.`)
  }
  if (!Number.isSafeInteger(bound) || BigInt(bound) < proven) {
    refuse(`The prices prove a bound of ${proven}, but ${bound} is claimed.`)
  }
  if (bound < value) refuse(`The bound ${bound} is below the value ${value}.`)
  return { ok: true, value, bound }
}

/** Books one resident's chosen options; returns their utility. */
function serve(resident: PlainResident, room: bigint[]): bigint {
  const left = [...resident.limits]
  let total = 0n
  for (const need of resident.needs) {
    const option = need.chosen < 0 ? undefined : need.options[need.chosen]
    if (option === undefined) continue
    total += option.utility
    for (const { account, amount } of option.uses) room[account] = room[account]! - amount
    for (const { account, amount } of option.privateUses) {
      left[account] = left[account]! - amount
      if (left[account]! < 0n) refuse(`Need "${need.id}" overspends a private account of its resident.`)
    }
  }
  return total
}

/** The resident's part of the dual bound, exact unless the search would be too long. */
function residentMaximum(resident: PlainResident, market: Market): bigint {
  let free = 0n
  const contested: Valued[][] = []
  for (const need of resident.needs) {
    const worth = need.options
      .filter((option) => fitsAlone(option, resident, market))
      .map((option) => ({ value: reducedValue(option, market), privateUses: option.privateUses }))
      .filter((option) => option.value > 0n)
      .sort((a, b) =>
        a.value > b.value ? -1 : a.value < b.value ? 1 : a.privateUses.length - b.privateUses.length,
      )
    const best = worth[0]
    if (best === undefined) continue
    if (best.privateUses.length === 0) free += best.value
    else contested.push(worth)
  }
  return free + maximumUnder(resident.limits, contested)
}

function fitsAlone(option: PlainOption, resident: PlainResident, market: Market): boolean {
  return (
    option.uses.every(({ account, amount }) => amount <= market.limits[account]!) &&
    option.privateUses.every(({ account, amount }) => amount <= resident.limits[account]!)
  )
}

function reducedValue(option: PlainOption, market: Market): bigint {
  let value = option.utility * market.scale
  for (const { account, amount } of option.uses) value -= amount * market.prices[account]!
  return value
}

/** Best total of at most one option per need within the limits; options come best first. */
function maximumUnder(limits: readonly bigint[], needs: readonly Valued[][]): bigint {
  const rest = [0n]
  for (const options of [...needs].reverse()) rest.unshift(rest[0]! + options[0]!.value)
  if (needs.length > DEEPEST) return rest[0]!
  const left = [...limits]
  let best = 0n
  let nodes = 0
  const visit = (depth: number, value: bigint): void => {
    if (value > best) best = value
    if (depth === needs.length) return
    for (const option of needs[depth]!) {
      if (value + option.value + rest[depth + 1]! <= best) return
      if (++nodes > MOST_NODES) return
      if (option.privateUses.every(({ account, amount }) => amount <= left[account]!)) {
        for (const { account, amount } of option.privateUses) left[account] = left[account]! - amount
        visit(depth + 1, value + option.value)
        for (const { account, amount } of option.privateUses) left[account] = left[account]! + amount
        if (option.privateUses.length === 0) return
      }
    }
    if (value + rest[depth + 1]! > best) visit(depth + 1, value)
  }
  visit(0, 0n)
  return nodes > MOST_NODES ? rest[0]! : best
}

function* plainRows(problem: Problem, choice: ArrayLike<number>): Generator<PlainResident> {
  for (let r = 0; r + 1 < problem.residentNeeds.length; r++) {
    const firstAccount = problem.residentAccounts[r]!
    const limits = [...problem.privateLimits.slice(firstAccount, problem.residentAccounts[r + 1])]
    const needs: PlainNeed[] = []
    for (let n = problem.residentNeeds[r]!; n < problem.residentNeeds[r + 1]!; n++) {
      needs.push(plainNeed(problem, n, choice[n]!, firstAccount))
    }
    yield { needs, limits: limits.map((limit) => natural(limit, 'The limit of a private account')) }
  }
}

function plainNeed(problem: Problem, need: number, choice: number, firstAccount: number): PlainNeed {
  const id = problem.names.needs[need]!
  const first = problem.needOptions[need]!
  const last = problem.needOptions[need + 1]!
  if (choice !== -1 && !(Number.isInteger(choice) && choice >= first && choice < last)) {
    refuse(`Need "${id}" is given option number ${choice}, which is not one of its options.`)
  }
  const options: PlainOption[] = []
  for (let o = first; o < last; o++) {
    const what = `An amount of need "${id}"`
    const uses: PlainUse[] = []
    for (let u = problem.optionUses[o]!; u < problem.optionUses[o + 1]!; u++) {
      uses.push({ account: problem.useAccounts[u]!, amount: natural(problem.useAmounts[u], what) })
    }
    const privateUses: PlainUse[] = []
    for (let u = problem.optionPrivateUses[o]!; u < problem.optionPrivateUses[o + 1]!; u++) {
      const account = problem.privateUseAccounts[u]! - firstAccount
      privateUses.push({ account, amount: natural(problem.privateUseAmounts[u], what) })
    }
    options.push({ utility: natural(problem.utilities[o], what), uses, privateUses })
  }
  return { id, options, chosen: choice === -1 ? -1 : choice - first }
}

type Json = Record<string, unknown>

function record(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(`${what} is not an object.`)
  return value as Json
}

function list(value: unknown, what: string): Json[] {
  if (!Array.isArray(value)) return refuse(`${what} is not a list.`)
  return value.map((item, i) => record(item, `${what}[${i}]`))
}

function natural(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  return refuse(`${what} is not an integer from 0 to 2^53 − 1: ${String(value)}.`)
}

function checkFigure(value: unknown, field: string): void {
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= 0)) return
  refuse(`The field ${field} is not a number from 0.`)
}

function readMarket(problem: Json, result: Json): Market {
  const listed = list(problem.accounts, 'accounts')
  const accounts = listed.map((account) => String(account.id))
  if (new Set(accounts).size !== accounts.length) refuse('Two accounts have the same id.')
  const limits = listed.map((account, k) => {
    if (account.floor !== undefined)
      refuse(`Account "${accounts[k]}" has a floor, which is not supported yet.`)
    return natural(account.limit, `The limit of account "${accounts[k]}"`)
  })
  const claimed = record(result.prices, 'prices')
  const known = new Set(accounts)
  for (const id of Object.keys(claimed))
    if (!known.has(id)) refuse(`There is a price for "${id}", which is no account.`)
  const figures = accounts.map((id) => {
    const price = Object.hasOwn(claimed, id) ? claimed[id] : undefined
    if (typeof price === 'number' && Number.isFinite(price) && price >= 0) return price
    return refuse(`The price of account "${id}" is not a number from 0: ${String(price)}.`)
  })
  // Every double is an integer over a power of two, so the prices are exact as they stand.
  let scale = 1
  while (figures.some((price) => !Number.isInteger(price * scale))) {
    scale *= 2
    if (scale > 2 ** 1000) refuse('The prices are not on a common scale.')
  }
  return { accounts, limits, prices: figures.map((price) => BigInt(price * scale)), scale: BigInt(scale) }
}

function* plainFile(problem: Json, result: Json, accounts: readonly string[]): Generator<PlainResident> {
  const shared = new Map(accounts.map((id, k) => [id, k]))
  const assignment = record(result.assignment, 'assignment')
  const seen = new Set<string>()
  for (const resident of list(problem.residents, 'residents')) {
    const own = list(resident.accounts, `accounts of resident "${String(resident.id)}"`)
    const privates = new Map(own.map((account, k) => [String(account.id), k]))
    const limits = own.map((account) => natural(account.limit, `The limit of "${String(account.id)}"`))
    const needs = list(resident.needs, `needs of resident "${String(resident.id)}"`)
    const read = (need: Json): PlainNeed => fileNeed(need, assignment, seen, shared, privates)
    yield { limits, needs: needs.map(read) }
  }
  const extra = Object.keys(assignment).find((id) => !seen.has(id))
  if (extra !== undefined) refuse(`The assignment names "${extra}", which is no need of the problem.`)
}

function fileNeed(
  need: Json,
  assignment: Json,
  seen: Set<string>,
  shared: ReadonlyMap<string, number>,
  privates: ReadonlyMap<string, number>,
): PlainNeed {
  const id = String(need.id)
  if (seen.has(id)) refuse(`Need "${id}" is listed twice.`)
  seen.add(id)
  if (!Object.hasOwn(assignment, id)) refuse(`The assignment leaves out need "${id}".`)
  const options = list(need.options, `options of need "${id}"`)
  const pick = assignment[id]
  const chosen = pick === null ? -1 : options.findIndex((option) => option.id === pick)
  if (pick !== null && chosen < 0)
    refuse(`Need "${id}" is given option "${String(pick)}", which it does not have.`)
  const plain = options.map((option) => ({
    utility: natural(option.utility, `The utility of an option of need "${id}"`),
    uses: fileUses(option.uses, shared, id),
    privateUses: fileUses(option.privateUses, privates, id),
  }))
  return { id, options: plain, chosen }
}

function fileUses(value: unknown, accounts: ReadonlyMap<string, number>, need: string): PlainUse[] {
  const uses: PlainUse[] = []
  for (const [id, amount] of Object.entries(record(value, `uses of need "${need}"`))) {
    const account = accounts.get(id)
    if (account === undefined) return refuse(`Need "${need}" uses account "${id}", which does not exist.`)
    const figure = natural(amount, `The use of account "${id}" by need "${need}"`)
    if (figure > 0n) uses.push({ account, amount: figure })
  }
  return uses
}
