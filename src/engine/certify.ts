import { type ChargeClaim, type ChargeLedger, isChargeScale, openLedger } from './certify-charges.ts'
import type { Problem } from './problem.ts'

// The certify files share no code with the solver's side (the import above is a type): they trust neither
// the builder's checks nor the solver's arithmetic, and read problem and result files by themselves. All
// they have in common with it are three published standards: SHA-256, canonical JSON, JSON's unique names.

/**
 * What `certify` finds: the proven value and bound, or the first thing that is wrong, as a sentence. The
 * fault lies with the claim, unless the problem itself cannot be read.
 */
export type Certificate =
  | { readonly ok: true; readonly value: number; readonly bound: number }
  | { readonly ok: false; readonly fault: 'claim' | 'problem'; readonly reason: string }

/** What is claimed of a problem in memory. */
export interface Claim {
  /** Need → option, or −1. */
  readonly choice: ArrayLike<number>
  readonly value: number
  readonly bound: number
  /** Integer price per shared account, times `scale`; negative only where the account has a floor. */
  readonly prices: ArrayLike<number>
  readonly scale: number
  /** Charges that stand in for the prices of some accounts (see `UseCharges` in `tighten.ts`). */
  readonly charges?: ClaimedCharges | undefined
}

/** Charges as they are claimed in memory: of `accounts[i]` those from `starts[i]` to `starts[i + 1]`. */
export interface ClaimedCharges {
  readonly accounts: Int32Array
  readonly starts: Int32Array
  readonly amounts: Int32Array
  /** A power of two that divides the scale of the prices. */
  readonly scale: number
}

/** A use of an account, by its number. */
export interface PlainUse {
  readonly account: number
  readonly amount: bigint
}
/** An option as the proof sees it. */
export interface PlainOption {
  readonly utility: bigint
  readonly uses: readonly PlainUse[]
  readonly privateUses: readonly PlainUse[]
}
/** A need as the proof sees it. */
export interface PlainNeed {
  readonly id: string
  readonly options: readonly PlainOption[]
  /** Place of the chosen option in `options`, or −1. */
  readonly chosen: number
}
/** A resident as the proof sees one. */
export interface PlainResident {
  readonly limits: readonly bigint[]
  readonly needs: readonly PlainNeed[]
}
/** The shared accounts and the prices that are to prove the bound. */
export interface Market {
  readonly accounts: readonly string[]
  readonly limits: readonly bigint[]
  /** The uses of an account must add up to no less; 0 where nothing is asked. */
  readonly floors: readonly bigint[]
  /** Times `scale`. */
  readonly prices: readonly bigint[]
  readonly scale: bigint
  readonly charges?: ChargeClaim | undefined
}
interface Valued {
  readonly value: bigint
  readonly privateUses: readonly PlainUse[]
}

/** Something is wrong; the message is a sentence. */
class Wrong extends Error {
  readonly fault: 'claim' | 'problem'

  constructor(fault: 'claim' | 'problem', reason: string) {
    super(reason)
    this.fault = fault
  }
}

/** Search nodes per resident; a resident beyond them is bounded without private accounts. */
const MOST_NODES = 100_000
/** Needs of one resident that may compete for private accounts before the search is not attempted. */
const DEEPEST = 500

/**
 * Re-proves a claim in exact integer (BigInt) arithmetic: every limit and floor holds, the utilities add up
 * to `value`, and the prices prove a bound no higher than `bound`. Never throws on a wrong claim.
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
    const floors = accounts.map((id, k) => natural(problem.floors[k], `The floor of account "${id}"`))
    const prices = accounts.map((id, k) => integer(claim.prices[k], `The scaled price of account "${id}"`))
    const charges = chargesOf(claim.charges, scale, accounts.length)
    const proof = startProof({ accounts, limits, floors, prices, scale: BigInt(scale), charges })
    for (const resident of plainRows(problem, claim.choice)) proof.add(resident)
    return proof.conclude(value, bound)
  })
}

function chargesOf(claim: ClaimedCharges | undefined, scale: number, count: number): ChargeClaim | undefined {
  if (claim === undefined) return undefined
  const { accounts, starts, amounts } = claim
  const unit = scale / claim.scale
  if (!isChargeScale(claim.scale) || !Number.isSafeInteger(unit)) {
    refuse(`The scale of the charges, ${claim.scale}, does not divide that of the prices, ${scale}.`)
  }
  const lists = new Map([...accounts].map((k, i) => [k, amounts.subarray(starts[i], starts[i + 1])]))
  if (lists.size !== accounts.length || [...accounts].some((k) => !(k >= 0 && k < count))) {
    refuse('The charged accounts are not distinct accounts of the problem.')
  }
  return { lists, unit: BigInt(unit) }
}

/** Runs a proof; what it finds wrong becomes its verdict. */
export function verdict(proof: () => Certificate): Certificate {
  try {
    return proof()
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, fault: error.fault, reason: error.message }
    throw error
  }
}

/** Ends a proof: the claim is wrong. */
export function refuse(reason: string): never {
  throw new Wrong('claim', reason)
}

/** Ends a proof: there is no problem to prove anything about. */
export function unreadable(reason: string): never {
  throw new Wrong('problem', reason)
}

/**
 * Feasibility, value and weak duality in one pass over the residents. For any prices p, no feasible
 * assignment exceeds Σ_accounts (p × limit, or p × floor where p < 0) + Σ_residents max(utility − p × uses)
 * (Fisher 1981): an assignment uses at most the limit of what is charged and at least the floor of what is
 * rewarded, so the first sum covers all it pays. Nothing but a floor covers a reward, so a price below 0
 * needs one. Utilities are integers, so the total may be rounded down. An option that alone exceeds an
 * account is in no feasible assignment and left out. Where uses are charged one by one, what their account
 * could collect stands in for price × limit.
 */
export function startProof(market: Market) {
  const { limits, floors, scale, accounts } = market
  const room = [...limits]
  const ledger = openLedger(market.charges, accounts, refuse)
  let dual = accountsPart(market, ledger)
  let total = 0n
  return {
    add(resident: PlainResident): void {
      total += serve(resident, room)
      dual += residentMaximum(resident, market, ledger)
    },
    conclude(value: number, bound: number): Certificate {
      const short = room.findIndex((left) => left < 0n)
      if (short >= 0) refuse(`Account "${accounts[short]}" is overspent by ${-room[short]!}.`)
      const low = room.findIndex((left, account) => limits[account]! - left < floors[account]!)
      if (low >= 0) {
        const used = limits[low]! - room[low]!
        refuse(`Account "${accounts[low]}" is used for ${used}, below its floor of ${floors[low]}.`)
      }
      const proven = (dual + ledger.collect(limits)) / scale
      if (!Number.isSafeInteger(value) || BigInt(value) !== total) {
        refuse(`The assignment is worth ${total}, but ${value} is claimed.`)
      }
      if (!Number.isSafeInteger(bound) || BigInt(bound) < proven) {
        refuse(`The prices prove a bound of ${proven}, but ${bound} is claimed.`)
      }
      if (bound < value) refuse(`The bound ${bound} is below the value ${value}.`)
      return { ok: true, value, bound }
    },
  }
}

/** What the accounts add to the dual bound. */
function accountsPart({ accounts, limits, floors, prices }: Market, ledger: ChargeLedger): bigint {
  let sum = 0n
  for (const [account, price] of prices.entries()) {
    if (price < 0n && floors[account] === 0n) {
      refuse(`The price of account "${accounts[account]}" is below 0, but the account has no floor.`)
    }
    if (ledger.isCharged(account)) continue
    sum += price * (price < 0n ? floors[account]! : limits[account]!)
  }
  return sum
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
function residentMaximum(resident: PlainResident, market: Market, ledger: ChargeLedger): bigint {
  let free = 0n
  const contested: Valued[][] = []
  for (const need of resident.needs) {
    ledger.openNeed()
    const worth = need.options
      .filter((option) => fitsAlone(option, resident, market))
      .map((option) => ({ value: reducedValue(option, market, ledger), privateUses: option.privateUses }))
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

function reducedValue(option: PlainOption, market: Market, ledger: ChargeLedger): bigint {
  let value = option.utility * market.scale
  for (const { account, amount } of option.uses) {
    value -= ledger.isCharged(account) ? ledger.charge(account, amount) : amount * market.prices[account]!
  }
  return value
}

/**
 * Best total of at most one option per need within the limits; options come best first. Greedy choices, the
 * needs in order and in reverse, say how much an option may lose against its need's best to be of interest.
 */
function maximumUnder(limits: readonly bigint[], needs: readonly Valued[][]): bigint {
  const rest = [0n]
  for (const options of [...needs].reverse()) rest.unshift(rest[0]! + options[0]!.value)
  if (needs.length > DEEPEST) return rest[0]!
  const left = [...limits]
  let best = greedyTotal(limits, needs)
  const reversed = greedyTotal(limits, [...needs].reverse())
  if (reversed > best) best = reversed
  const slack = rest[0]! - best
  if (slack === 0n) return best
  const open = needs.map((options) =>
    undominated(options.filter(({ value }) => options[0]!.value - value < slack)),
  )
  let nodes = 0
  const visit = (depth: number, value: bigint): void => {
    if (value > best) best = value
    if (depth === needs.length) return
    for (const option of open[depth]!) {
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

/** Leaves out options that use at least as much of every private account as a better one. */
function undominated(options: readonly Valued[]): Valued[] {
  const kept: Valued[] = []
  for (const option of options) {
    const isWorse = kept.some((better) =>
      better.privateUses.every(({ account, amount }) =>
        option.privateUses.some((use) => use.account === account && use.amount >= amount),
      ),
    )
    if (!isWorse) kept.push(option)
  }
  return kept
}

/** What the needs get in turn, each the best that still fits. */
function greedyTotal(limits: readonly bigint[], needs: readonly Valued[][]): bigint {
  const left = [...limits]
  let total = 0n
  for (const options of needs) {
    const option = options.find(({ privateUses }) =>
      privateUses.every(({ account, amount }) => amount <= left[account]!),
    )
    if (option === undefined) continue
    total += option.value
    for (const { account, amount } of option.privateUses) left[account] = left[account]! - amount
  }
  return total
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

function natural(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  return refuse(`${what} is not an integer from 0 to 2^53 − 1: ${String(value)}.`)
}

function integer(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return refuse(`${what} is not an integer within ±(2^53 − 1): ${String(value)}.`)
}
