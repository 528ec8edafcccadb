import { type Amounts, amountColumn, type Column, indexColumn } from './column.ts'
import { type Names, nameColumn } from './names.ts'

/**
 * The numbers of a problem as compressed rows: residents → needs → options → uses. `xs[i] .. xs[i + 1]`
 * is the range that belongs to row `i`; each such array is one longer than its number of rows. Every column
 * lies in shared memory, so that posting the whole object to a worker thread copies nothing. Utilities,
 * amounts, limits and floors are integers in 0 .. 2^53 − 1.
 */
export interface ProblemRows {
  /** Limit of every shared account: its uses may not add up to more. */
  readonly limits: Amounts
  /** Floor of every shared account: its uses must add up to no less; 0 where nothing is asked. */
  readonly floors: Amounts
  /** Limit of every private account; private accounts are numbered across all residents. */
  readonly privateLimits: Amounts
  /** Resident → range of private accounts. */
  readonly residentAccounts: Int32Array
  /** Resident → range of needs. */
  readonly residentNeeds: Int32Array
  /** Need → range of options. */
  readonly needOptions: Int32Array
  /** Utility of every option. */
  readonly utilities: Amounts
  /** Option → range of uses of shared accounts. */
  readonly optionUses: Int32Array
  readonly useAccounts: Int32Array
  readonly useAmounts: Amounts
  /** Option → range of uses of its resident's private accounts. */
  readonly optionPrivateUses: Int32Array
  readonly privateUseAccounts: Int32Array
  readonly privateUseAmounts: Amounts
}

/** The ids behind the indices, kept apart so that the numbers can travel without them. */
export interface ProblemNames {
  readonly accounts: readonly string[]
  readonly privateAccounts: Names
  readonly residents: readonly string[]
  readonly needs: readonly string[]
  readonly options: Names
}

/** A whole problem. Anything that needs only the numbers takes `ProblemRows`. */
export interface Problem extends ProblemRows {
  readonly names: ProblemNames
}

/** Uses of accounts: pairs of account index and amount. */
export type Uses = ReadonlyArray<readonly [account: number, amount: number]>

/** A problem that cannot be right; the message is a sentence that names the place. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
}

/** Builds a problem from the outside in; every call returns the index of what it added. */
export interface ProblemBuilder {
  /** Adds a shared account; ids are unique among shared accounts. The floor, 0 by default, is at most the limit. */
  account(id: string, limit: number, floor?: number): number
  /** Opens a resident; the calls below belong to the resident opened last. */
  resident(id: string): number
  /** Adds a private account of the current resident; ids are unique within the resident. */
  privateAccount(id: string, limit: number): number
  /** Opens a need of the current resident; ids are unique in the problem. */
  need(id: string): number
  /** Adds an option to the current need; ids are unique within the need; uses of 0 are left out. */
  option(id: string, utility: number, uses: Uses, privateUses: Uses): number
  /** The problem. The builder must not be used afterwards. */
  build(): Problem
}

/** Number of residents. */
export const residentCount = (rows: ProblemRows): number => rows.residentNeeds.length - 1
/** Number of needs. */
export const needCount = (rows: ProblemRows): number => rows.needOptions.length - 1
/** Number of options. */
export const optionCount = (rows: ProblemRows): number => rows.utilities.length

/** The numbers of a problem without its names, ready to be posted to a worker. */
export function rowsOf(problem: Problem): ProblemRows {
  const { names: _names, ...rows } = problem
  return rows
}

/**
 * Starts an empty problem.
 *
 * Every call throws `ProblemError` on an id that is empty or taken, on a number that is not an integer in
 * 0 .. 2^53 − 1, on an account that does not exist (or belongs to another resident), and on an option
 * without a need or a need without a resident. `option` and `build` also refuse sums that would leave the
 * range in which doubles are exact, because every figure the engine reports must be exact.
 */
export function createProblemBuilder(): ProblemBuilder {
  const draft = emptyDraft()
  return {
    account: (id, limit, floor = 0) => addAccount(draft, id, limit, floor),
    resident: (id) => addResident(draft, id),
    privateAccount: (id, limit) => addPrivateAccount(draft, id, limit),
    need: (id) => addNeed(draft, id),
    option: (id, utility, uses, privateUses) => addOption(draft, id, utility, uses, privateUses),
    build: () => finish(draft),
  }
}

const emptyDraft = () => ({
  names: {
    accounts: [] as string[],
    privateAccounts: nameColumn(),
    residents: [] as string[],
    needs: [] as string[],
    options: nameColumn(),
  },
  limits: amountColumn(),
  floors: amountColumn(),
  privateLimits: amountColumn(),
  residentAccounts: indexColumn(),
  residentNeeds: indexColumn(),
  needOptions: indexColumn(),
  utilities: amountColumn(),
  optionUses: indexColumn(),
  useAccounts: indexColumn(),
  useAmounts: amountColumn(),
  optionPrivateUses: indexColumn(),
  privateUseAccounts: indexColumn(),
  privateUseAmounts: amountColumn(),
  accountIds: new Set<string>(),
  residentIds: new Set<string>(),
  needIds: new Set<string>(),
  // Of the current resident and the current need; emptied when the next one opens.
  privateIds: new Set<string>(),
  ownNames: [] as string[],
  optionIds: new Set<string>(),
  used: [] as number[],
  privateUsed: [] as number[],
  firstPrivate: 0,
  needIsOpen: false,
  bestOfNeed: 0,
  bestTotal: 0,
})
type Draft = ReturnType<typeof emptyDraft>

function addAccount(draft: Draft, id: string, limit: number, floor: number): number {
  claim(draft.accountIds, id, 'Account', '')
  if (!isAmount(limit)) refuseAmount(limit, `Account "${id}": the limit`)
  if (!isAmount(floor)) refuseAmount(floor, `Account "${id}": the floor`)
  if (floor > limit)
    throw new ProblemError(`Account "${id}": the floor ${floor} is above the limit ${limit}.`)
  // Plus 0, here and below: it makes a 0 of −0, so that the same problem has the same bits.
  draft.limits.push(limit + 0)
  draft.floors.push(floor + 0)
  draft.used.push(0)
  return draft.names.accounts.push(id) - 1
}

function addResident(draft: Draft, id: string): number {
  claim(draft.residentIds, id, 'Resident', '')
  draft.privateIds.clear()
  draft.ownNames = []
  draft.privateUsed = []
  draft.needIsOpen = false
  draft.firstPrivate = draft.privateLimits.length
  draft.residentAccounts.push(draft.firstPrivate)
  draft.residentNeeds.push(draft.names.needs.length)
  return draft.names.residents.push(id) - 1
}

function addPrivateAccount(draft: Draft, id: string, limit: number): number {
  const resident = draft.names.residents.at(-1)
  if (resident === undefined) throw new ProblemError(`Private account "${id}" comes before any resident.`)
  claim(draft.privateIds, id, 'Private account', ` for resident "${resident}"`)
  if (!isAmount(limit)) refuseAmount(limit, `Resident "${resident}", private account "${id}": the limit`)
  draft.privateLimits.push(limit + 0)
  draft.privateUsed.push(0)
  draft.ownNames.push(id)
  return draft.names.privateAccounts.push(id)
}

function addNeed(draft: Draft, id: string): number {
  if (draft.names.residents.length === 0) throw new ProblemError(`Need "${id}" comes before any resident.`)
  claim(draft.needIds, id, 'Need', '')
  draft.optionIds.clear()
  draft.needIsOpen = true
  draft.bestOfNeed = 0
  draft.needOptions.push(draft.utilities.length)
  return draft.names.needs.push(id) - 1
}

function addOption(draft: Draft, id: string, utility: number, uses: Uses, privateUses: Uses): number {
  const need = draft.names.needs.at(-1)
  if (need === undefined || !draft.needIsOpen) {
    throw new ProblemError(`Option "${id}" comes before any need of its resident.`)
  }
  claim(draft.optionIds, id, 'Option', ` for need "${need}"`)
  const worth = isAmount(utility) ? utility + 0 : refuseAmount(utility, `${placeOf(need, id)}: the utility`)
  const { names } = draft
  const shared = inAccountOrder(uses)
  const own = inAccountOrder(privateUses)
  checkUses(shared, 0, names.accounts, 'account', need, id)
  checkUses(own, draft.firstPrivate, draft.ownNames, 'private account', need, id)
  countBest(draft, worth)
  draft.utilities.push(worth)
  draft.optionUses.push(draft.useAccounts.length)
  pushUses(shared, draft.useAccounts, draft.useAmounts, draft.used, 0, names.accounts)
  draft.optionPrivateUses.push(draft.privateUseAccounts.length)
  const { privateUseAccounts, privateUseAmounts, privateUsed, firstPrivate, ownNames } = draft
  pushUses(own, privateUseAccounts, privateUseAmounts, privateUsed, firstPrivate, ownNames)
  return names.options.push(id)
}

function finish(draft: Draft): Problem {
  // The closing entry of every range array.
  draft.residentAccounts.push(draft.privateLimits.length)
  draft.residentNeeds.push(draft.names.needs.length)
  draft.needOptions.push(draft.utilities.length)
  draft.optionUses.push(draft.useAccounts.length)
  draft.optionPrivateUses.push(draft.privateUseAccounts.length)
  const { names } = draft
  return {
    names: { ...names, privateAccounts: names.privateAccounts.trimmed(), options: names.options.trimmed() },
    limits: draft.limits.trimmed(),
    floors: draft.floors.trimmed(),
    privateLimits: draft.privateLimits.trimmed(),
    residentAccounts: draft.residentAccounts.trimmed(),
    residentNeeds: draft.residentNeeds.trimmed(),
    needOptions: draft.needOptions.trimmed(),
    utilities: draft.utilities.trimmed(),
    optionUses: draft.optionUses.trimmed(),
    useAccounts: draft.useAccounts.trimmed(),
    useAmounts: draft.useAmounts.trimmed(),
    optionPrivateUses: draft.optionPrivateUses.trimmed(),
    privateUseAccounts: draft.privateUseAccounts.trimmed(),
    privateUseAmounts: draft.privateUseAmounts.trimmed(),
  }
}

function claim(taken: Set<string>, id: string, what: string, where: string): void {
  if (id === '') throw new ProblemError(`${what} ids must not be empty${where}.`)
  if (taken.has(id)) throw new ProblemError(`${what} "${id}" is listed twice${where}.`)
  taken.add(id)
}

const isAmount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

function refuseAmount(value: number, what: string): never {
  throw new ProblemError(`${what} must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}, not ${value}.`)
}

const placeOf = (need: string, option: string): string => `Need "${need}", option "${option}"`

/**
 * Uses are a set, and files list them in any order: one order makes the same problem the same rows, and so
 * the same answer to the bit.
 */
function inAccountOrder(uses: Uses): Uses {
  for (let i = 1; i < uses.length; i++) {
    if (uses[i - 1]![0] > uses[i]![0]) return [...uses].sort((a, b) => a[0] - b[0])
  }
  return uses
}

function checkUses(
  uses: Uses,
  from: number,
  names: readonly string[],
  kind: string,
  need: string,
  option: string,
): void {
  for (let i = 0; i < uses.length; i++) {
    const [account, amount] = uses[i]!
    if (!Number.isInteger(account) || account < from || account >= from + names.length) {
      throw new ProblemError(`${placeOf(need, option)}: ${kind} number ${account} does not exist here.`)
    }
    if (!isAmount(amount)) {
      refuseAmount(amount, `${placeOf(need, option)}: the use of ${kind} "${names[account - from]}"`)
    }
    if (i > 0 && uses[i - 1]![0] === account) {
      throw new ProblemError(`${placeOf(need, option)}: ${kind} "${names[account - from]}" is used twice.`)
    }
  }
}

function pushUses(
  uses: Uses,
  accounts: Column<Int32Array>,
  amounts: Column<Amounts>,
  totals: number[],
  from: number,
  names: readonly string[],
): void {
  for (const [account, amount] of uses) {
    if (amount === 0) continue
    const total = totals[account - from]! + amount
    if (total > Number.MAX_SAFE_INTEGER) {
      throw new ProblemError(`The uses of account "${names[account - from]}" add up to more than 2^53 − 1.`)
    }
    totals[account - from] = total
    accounts.push(account)
    amounts.push(amount)
  }
}

/** Keeps the sum of every need's best utility, the largest value any assignment could claim. */
function countBest(draft: Draft, utility: number): void {
  if (utility <= draft.bestOfNeed) return
  draft.bestTotal += utility - draft.bestOfNeed
  draft.bestOfNeed = utility
  if (draft.bestTotal > Number.MAX_SAFE_INTEGER) {
    throw new ProblemError('The best utilities of all needs add up to more than 2^53 − 1.')
  }
}
