import type { ItemGroups } from './knapsack.ts'
import { needCount, type ProblemRows } from './problem.ts'

/**
 * A problem cut in two by Lagrangian decomposition (Guignard & Kim 1987; for assignment Jörnsten & Näsberg
 * 1986). Every use of some accounts, here called charged, gets a charge of its own. The residents pay the
 * charges, each charged account collects those of the uses it packs into its limit: a knapsack of integers.
 */
export interface Decomposition {
  /** The charged accounts, ascending. */
  readonly accounts: Int32Array
  /**
   * Their uses as items, in the order account, need, option; a group is the uses of one account by the
   * options of one need, unusable options aside. Weights and capacities are amounts and limits over their
   * greatest common divisor.
   */
  readonly groups: ItemGroups
  /** Place in `accounts` → range of groups. */
  readonly accountGroups: Int32Array
  readonly capacities: Int32Array
  readonly groupNeeds: Int32Array
  /** Item → option. */
  readonly itemOptions: Int32Array
  /** Option → range of `optionItems`, its items. */
  readonly optionItemStarts: Int32Array
  readonly optionItems: Int32Array
  /** The residents with a charged use; the others do not depend on the charges. */
  readonly residents: Int32Array
  /** The problem without the uses of charged accounts. */
  readonly rest: ProblemRows
}

/** How much may be charged; it bounds the time of a round and the length of a result. */
export interface DecompositionLimits {
  /** Uses of charged accounts. */
  readonly uses: number
  /** Steps of the dynamic programs: uses × (capacity + 1), summed over the charged accounts. */
  readonly work: number
}

/** The limits that `tightenBound` keeps to. */
export const DECOMPOSITION_LIMITS: DecompositionLimits = { uses: 60_000, work: 20_000_000 }

/** Items per group that a table of picks can tell apart. */
const MOST_IN_GROUP = 65_535

/**
 * Decomposes `rows` at its scarce accounts, by its `usable` options. Accounts that everybody could use at
 * once, that ask for a floor, or whose `prices` are 0 keep their price. So do, beyond the limits, those that
 * promise least.
 */
export function decompose(
  rows: ProblemRows,
  usable: Uint8Array,
  prices: Float64Array,
  limits: DecompositionLimits = DECOMPOSITION_LIMITS,
): Decomposition {
  const survey = surveyAccounts(rows, usable)
  const accounts = chooseAccounts(rows, prices, survey, limits)
  const items = listItems(rows, usable, accounts, survey)
  return {
    accounts,
    ...items,
    capacities: accounts.map((account) => Math.floor(rows.limits[account]! / survey.divisors[account]!)),
    residents: chargedResidents(rows, items.optionItemStarts),
    rest: withoutCharged(rows, accounts),
  }
}

/** What the accounts look like from the side of their users. */
interface Survey {
  readonly uses: Int32Array
  readonly groups: Int32Array
  readonly largestGroup: Int32Array
  readonly amounts: Float64Array
  /** Sum over the needs of the largest amount each could use. */
  readonly demand: Float64Array
  /** Greatest common divisor of the amounts. */
  readonly divisors: Float64Array
}

function surveyAccounts(rows: ProblemRows, usable: Uint8Array): Survey {
  const count = rows.limits.length
  const survey = {
    uses: new Int32Array(count),
    groups: new Int32Array(count),
    largestGroup: new Int32Array(count),
    amounts: new Float64Array(count),
    demand: new Float64Array(count),
    divisors: new Float64Array(count),
  }
  /** Account → the need that used it last, how often, and at most for how much. */
  const latest = {
    need: new Int32Array(count).fill(-1),
    uses: new Int32Array(count),
    amount: new Float64Array(count),
  }
  for (let need = 0; need < needCount(rows); need++) {
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (usable[option] === 1) surveyOption(survey, latest, rows, need, option)
    }
  }
  return survey
}

function surveyOption(
  { uses, groups, largestGroup, amounts, demand, divisors }: Survey,
  latest: { readonly need: Int32Array; readonly uses: Int32Array; readonly amount: Float64Array },
  { optionUses, useAccounts, useAmounts }: ProblemRows,
  need: number,
  option: number,
): void {
  for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
    const account = useAccounts[use]!
    const amount = useAmounts[use]!
    if (latest.need[account] !== need) {
      latest.need[account] = need
      latest.uses[account] = 0
      latest.amount[account] = 0
      groups[account]!++
    }
    uses[account]!++
    largestGroup[account] = Math.max(largestGroup[account]!, ++latest.uses[account]!)
    amounts[account]! += amount
    demand[account]! += Math.max(0, amount - latest.amount[account]!)
    latest.amount[account] = Math.max(latest.amount[account]!, amount)
    divisors[account] = greatestCommonDivisor(amount, divisors[account]!)
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b]
  return a
}

/**
 * What a price loses at an account is of the order of one use's worth, so an account promises its price
 * times its mean amount, at the cost of its uses and its work.
 */
function chooseAccounts(
  rows: ProblemRows,
  prices: Float64Array,
  survey: Survey,
  limits: DecompositionLimits,
): Int32Array {
  const { uses, amounts, demand, divisors, largestGroup } = survey
  const work = (k: number) => uses[k]! * (Math.floor(rows.limits[k]! / divisors[k]!) + 1)
  const promise = (k: number) =>
    ((prices[k]! * amounts[k]!) / uses[k]!) * (1 / (uses[k]! / limits.uses + work(k) / limits.work))
  const scarce: number[] = []
  for (let k = 0; k < rows.limits.length; k++) {
    const isOpen = rows.floors[k] === 0 && prices[k]! > 0 && largestGroup[k]! <= MOST_IN_GROUP
    if (isOpen && demand[k]! > rows.limits[k]!) scarce.push(k)
  }
  const promises = new Map(scarce.map((k) => [k, promise(k)]))
  scarce.sort((a, b) => promises.get(b)! - promises.get(a)! || a - b)
  let usesLeft = limits.uses
  let workLeft = limits.work
  const chosen = scarce.filter((k) => {
    if (uses[k]! > usesLeft || work(k) > workLeft) return false
    usesLeft -= uses[k]!
    workLeft -= work(k)
    return true
  })
  return Int32Array.from(chosen).sort()
}

function listItems(rows: ProblemRows, usable: Uint8Array, accounts: Int32Array, survey: Survey) {
  const { needOptions, optionUses, useAccounts, useAmounts } = rows
  const placeOf = new Int32Array(rows.limits.length).fill(-1)
  const nextItem = new Int32Array(accounts.length + 1)
  const accountGroups = new Int32Array(accounts.length + 1)
  for (let place = 0; place < accounts.length; place++) {
    const account = accounts[place]!
    placeOf[account] = place
    nextItem[place + 1] = nextItem[place]! + survey.uses[account]!
    accountGroups[place + 1] = accountGroups[place]! + survey.groups[account]!
  }
  const itemCount = nextItem[accounts.length]!
  const groupCount = accountGroups[accounts.length]!
  const nextGroup = accountGroups.slice()
  const starts = new Int32Array(groupCount + 1).fill(itemCount)
  const weights = new Int32Array(itemCount)
  const groupNeeds = new Int32Array(groupCount)
  const itemOptions = new Int32Array(itemCount)
  const optionItemStarts = new Int32Array(rows.utilities.length + 1)
  const optionItems = new Int32Array(itemCount)
  const lastNeed = new Int32Array(accounts.length).fill(-1)
  let listed = 0
  for (let need = 0; need < needCount(rows); need++) {
    for (let option = needOptions[need]!; option < needOptions[need + 1]!; option++) {
      optionItemStarts[option] = listed
      if (usable[option] === 0) continue
      for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
        const place = placeOf[useAccounts[use]!]!
        if (place < 0) continue
        const item = nextItem[place]!++
        weights[item] = useAmounts[use]! / survey.divisors[useAccounts[use]!]!
        itemOptions[item] = option
        optionItems[listed++] = item
        if (lastNeed[place] === need) continue
        lastNeed[place] = need
        groupNeeds[nextGroup[place]!] = need
        starts[nextGroup[place]!++] = item
      }
    }
  }
  optionItemStarts[rows.utilities.length] = listed
  return {
    accountGroups,
    groups: { starts, weights },
    groupNeeds,
    itemOptions,
    optionItemStarts,
    optionItems,
  }
}

function chargedResidents({ residentNeeds, needOptions }: ProblemRows, itemStarts: Int32Array): Int32Array {
  const found: number[] = []
  for (let resident = 0; resident + 1 < residentNeeds.length; resident++) {
    const first = needOptions[residentNeeds[resident]!]!
    const last = needOptions[residentNeeds[resident + 1]!]!
    if (itemStarts[first]! < itemStarts[last]!) found.push(resident)
  }
  return Int32Array.from(found)
}

/** A copy of the rows that leaves out all uses of `accounts`. */
function withoutCharged(rows: ProblemRows, accounts: Int32Array): ProblemRows {
  const { optionUses, useAccounts, useAmounts } = rows
  const isCharged = new Uint8Array(rows.limits.length)
  for (const account of accounts) isCharged[account] = 1
  const ranges = new Int32Array(optionUses.length)
  const restAccounts = new Int32Array(useAccounts.length)
  const restAmounts = new Float64Array(useAmounts.length)
  let kept = 0
  for (let option = 0; option + 1 < optionUses.length; option++) {
    ranges[option] = kept
    for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
      if (isCharged[useAccounts[use]!] === 1) continue
      restAccounts[kept] = useAccounts[use]!
      restAmounts[kept++] = useAmounts[use]!
    }
  }
  ranges[optionUses.length - 1] = kept
  return {
    ...rows,
    optionUses: ranges,
    useAccounts: restAccounts.subarray(0, kept),
    useAmounts: restAmounts.subarray(0, kept),
  }
}
