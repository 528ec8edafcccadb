import { canonicalJson } from './canonical-json.ts'
import {
  type Certificate,
  type Market,
  type PlainNeed,
  type PlainOption,
  type PlainUse,
  refuse,
  startProof,
  unreadable,
  verdict,
} from './certify.ts'
import { type ChargeClaim, isChargeScale } from './certify-charges.ts'
import { createSha256, type Sha256 } from './sha256.ts'

/**
 * Certifies the content of a `lifecircle-result/1` file against a problem that arrives part by part. Beyond
 * the proof it requires that the result names this problem, every need and every account, that the gap is
 * (bound − value) / bound, and that nothing was changed after the result's hash was taken.
 */
export interface FileCertifier {
  /** The problem's fields, `residents` aside (parsed JSON). */
  header(fields: unknown): void
  /** The next resident (parsed JSON). */
  resident(value: unknown): void
  /** Something made the problem unreadable before it got here. */
  abandon(reason: string): void
  end(): Certificate
}

/** Certifies parsed JSON: the content of a problem file and of a result file. */
export function certifyFile(problemFile: unknown, resultFile: unknown): Certificate {
  const certifier = startCertifying(resultFile)
  certifier.header(problemFile)
  const residents = isRecord(problemFile) ? problemFile.residents : undefined
  if (Array.isArray(residents)) for (const resident of residents) certifier.resident(resident)
  else certifier.abandon('The field residents of the problem is not a list.')
  return certifier.end()
}

/** Starts on the parsed JSON of a result file. */
export function startCertifying(resultFile: unknown): FileCertifier {
  let state: State | undefined
  let failure: (Certificate & { ok: false }) | undefined
  /** Nothing is looked at once something is wrong. */
  const attempt = (act: () => Certificate): void => {
    if (failure !== undefined) return
    const certificate = verdict(act)
    if (!certificate.ok) failure = certificate
  }
  return {
    header: (fields) =>
      attempt(() => {
        state = open(fields, resultFile)
        return DONE
      }),
    resident: (value) =>
      attempt(() => {
        addResident(state!, value)
        return DONE
      }),
    abandon(reason) {
      // Nothing can be said of a claim about a problem that is none.
      if (failure === undefined || failure.fault === 'claim')
        failure = { ok: false, fault: 'problem', reason }
    },
    end: () => failure ?? verdict(() => conclude(state ?? unreadable('The problem is empty.'))),
  }
}

const DONE: Certificate = { ok: true, value: 0, bound: 0 }

type Json = Record<string, unknown>
interface State {
  readonly market: Market
  readonly shared: ReadonlyMap<string, number>
  readonly proof: ReturnType<typeof startProof>
  readonly result: Json
  readonly assignment: Json
  readonly residents: Set<string>
  readonly needs: Set<string>
  /** Of the problem, over the lines that the README calls canonical. */
  readonly digest: Sha256
}

function open(fields: unknown, resultFile: unknown): State {
  if (!isRecord(fields)) return unreadable('The problem is not an object.')
  if (fields.format !== 'lifecircle-problem/1') {
    unreadable('The problem is not in format lifecircle-problem/1.')
  }
  const { ids, limits } = accountsOf(fields.accounts, 'the problem')
  const floors = floorsOf(fields.accounts, limits)
  if (!isRecord(resultFile)) return refuse('The result is not an object.')
  if (resultFile.format !== 'lifecircle-result/1') {
    refuse('The result is not in format lifecircle-result/1.')
  }
  if (!isRecord(resultFile.assignment)) return refuse('The assignment is not an object.')
  const market = { accounts: ids, limits, floors, ...pricesOf(ids, resultFile.prices, resultFile.charges) }
  const digest = createSha256()
  digest.text(`{"format":"lifecircle-problem/1","accounts":${accountLines(ids, limits, floors)}}\n`)
  return {
    market,
    shared: new Map(ids.map((id, k) => [id, k])),
    proof: startProof(market),
    result: resultFile,
    assignment: resultFile.assignment,
    residents: new Set(),
    needs: new Set(),
    digest,
  }
}

function addResident(state: State, value: unknown): void {
  if (!isRecord(value)) unreadable('A resident is not an object.')
  const id = claim(state.residents, value.id, 'Resident')
  const { ids, limits } = accountsOf(value.accounts, `resident "${id}"`)
  refuseFloors(value.accounts, `resident "${id}"`)
  const own = new Map(ids.map((account, k) => [account, k]))
  const { digest } = state
  digest.text(`{"id":${JSON.stringify(id)},"accounts":${accountLines(ids, limits)},"needs":[`)
  const needs = listOf(value.needs, `The needs of resident "${id}"`).map((need, n) => {
    if (n > 0) digest.text(',')
    return readNeed(state, need, own, ids)
  })
  digest.text(']}\n')
  state.proof.add({ limits, needs })
}

function readNeed(
  state: State,
  value: unknown,
  own: ReadonlyMap<string, number>,
  ownIds: readonly string[],
): PlainNeed {
  const { assignment, digest } = state
  if (!isRecord(value)) return unreadable('A need is not an object.')
  const id = claim(state.needs, value.id, 'Need')
  if (!Object.hasOwn(assignment, id)) refuse(`The assignment leaves out need "${id}".`)
  digest.text(`{"id":${JSON.stringify(id)},"options":[`)
  const seen = new Set<string>()
  const options = listOf(value.options, `The options of need "${id}"`).map((entry, o): PlainOption => {
    if (!isRecord(entry)) return unreadable(`An option of need "${id}" is not an object.`)
    const option = claim(seen, entry.id, `Need "${id}": option`)
    const place = `need "${id}", option "${option}"`
    const utility = amountOf(entry.utility, `The utility of ${place}`)
    const uses = usesOf(entry.uses, state.shared, place)
    const privateUses = usesOf(entry.privateUses, own, place)
    digest.text(`${o > 0 ? ',' : ''}{"id":${JSON.stringify(option)},"utility":${utility},`)
    digest.text(`"uses":${useLines(uses, state.market.accounts)},`)
    digest.text(`"privateUses":${useLines(privateUses, ownIds)}}`)
    return { utility, uses, privateUses }
  })
  digest.text(']}')
  const pick = assignment[id]
  const chosen = pick === null ? -1 : [...seen].indexOf(pick as string)
  if (pick !== null && chosen < 0) {
    refuse(`Need "${id}" is given option ${JSON.stringify(pick)}, which it does not have.`)
  }
  return { id, options, chosen }
}

function conclude(state: State): Certificate {
  const { result, assignment, proof, digest } = state
  const extra = Object.keys(assignment).find((id) => !state.needs.has(id))
  if (extra !== undefined) refuse(`The assignment names "${extra}", which is no need of the problem.`)
  const certificate = proof.conclude(figureOf(result.value, 'value'), figureOf(result.bound, 'bound'))
  if (!certificate.ok) return certificate
  const { value, bound } = certificate
  const gap = bound === 0 ? 0 : (bound - value) / bound
  if (result.gap !== gap) refuse(`The gap is ${gap}, but ${JSON.stringify(result.gap)} is claimed.`)
  if (!Number.isSafeInteger(figureOf(result.rounds, 'rounds'))) refuse('The field rounds is not an integer.')
  for (const field of ['seed', 'seconds', 'peakMemoryMb']) {
    if (result[field] !== undefined) figureOf(result[field], field)
  }
  const problem = digest.digest()
  if (result.problem !== problem) {
    refuse(
      `The result is of another problem: this one is ${problem}, it names ${JSON.stringify(result.problem)}.`,
    )
  }
  checkHash(result)
  return certificate
}

function checkHash(result: Json): void {
  const { hash, ...content } = result
  const sha = createSha256()
  canonicalJson(content, sha.text)
  const found = sha.digest()
  if (hash === found) return
  refuse(`The result was changed after it was written: its hash is ${found}, not ${JSON.stringify(hash)}.`)
}

function accountsOf(value: unknown, whose: string): { ids: string[]; limits: bigint[] } {
  const seen = new Set<string>()
  const limits = listOf(value, `The accounts of ${whose}`).map((account) => {
    if (!isRecord(account)) return unreadable(`An account of ${whose} is not an object.`)
    const id = claim(seen, account.id, `The accounts of ${whose}: account`)
    return amountOf(account.limit, `The limit of account "${id}"`)
  })
  return { ids: [...seen], limits }
}

/** The floors of the shared accounts, whose list `accountsOf` has read. */
function floorsOf(accounts: unknown, limits: readonly bigint[]): bigint[] {
  return (accounts as Json[]).map(({ id, floor }, account) => {
    if (floor === undefined) return 0n
    const amount = amountOf(floor, `The floor of account "${id}"`)
    if (amount > limits[account]!) unreadable(`The floor of account "${id}" is above its limit.`)
    return amount
  })
}

function refuseFloors(accounts: unknown, whose: string): void {
  const floored = (accounts as Json[]).find(({ floor }) => floor !== undefined)
  if (floored !== undefined) unreadable(`The private account "${floored.id}" of ${whose} has a floor.`)
}

function pricesOf(
  ids: readonly string[],
  value: unknown,
  charges: unknown,
): Pick<Market, 'prices' | 'scale' | 'charges'> {
  if (!isRecord(value)) return refuse('The prices are not an object.')
  const known = new Set(ids)
  const unknown = Object.keys(value).find((id) => !known.has(id))
  if (unknown !== undefined) refuse(`There is a price for "${unknown}", which is no account.`)
  const figures = ids.map((id) => {
    if (!Object.hasOwn(value, id)) return refuse(`There is no price for account "${id}".`)
    const price = value[id]
    if (typeof price !== 'number' || !Number.isFinite(price)) {
      return refuse(`The field prices["${id}"] is not a number: ${JSON.stringify(price)}.`)
    }
    return price
  })
  // Every double is an integer over a power of two, so the prices are exact as they stand.
  let scale = 1
  if (isRecord(charges) && isChargeScale(charges.scale)) scale = Math.max(1, charges.scale)
  while (figures.some((price) => !Number.isInteger(price * scale))) {
    scale *= 2
    if (scale > 2 ** 1000) refuse('The prices are not on a common scale.')
  }
  const prices = figures.map((price) => BigInt(price * scale))
  return { prices, scale: BigInt(scale), charges: chargesOf(ids, charges, scale) }
}

/** The field charges, if there is one. */
function chargesOf(ids: readonly string[], value: unknown, scale: number): ChargeClaim | undefined {
  if (value === undefined) return undefined
  if (!isRecord(value) || !isRecord(value.accounts))
    return refuse('The charges are not an object of accounts.')
  if (!isChargeScale(value.scale)) return refuse('The scale of the charges is not a power of two.')
  const numbers = new Map(ids.map((id, account) => [id, account]))
  const lists = Object.entries(value.accounts).map(([id, list]): [number, number[]] => {
    const account = numbers.get(id) ?? refuse(`There are charges for "${id}", which is no account.`)
    if (!Array.isArray(list)) return refuse(`The charges of account "${id}" are not a list.`)
    return [account, list]
  })
  return { lists: new Map(lists), unit: (BigInt(scale) << 60n) / BigInt(value.scale * 2 ** 60) }
}

/** The uses in the order of the accounts, which is the canonical one; uses of nothing are left out. */
function usesOf(value: unknown, accounts: ReadonlyMap<string, number>, place: string): PlainUse[] {
  if (!isRecord(value)) return unreadable(`The uses of ${place} are not an object.`)
  const uses = Object.entries(value).map(([id, amount]): PlainUse => {
    const account = accounts.get(id) ?? unreadable(`The ${place} uses account "${id}", which does not exist.`)
    return { account, amount: amountOf(amount, `The use of account "${id}" by ${place}`) }
  })
  return uses.filter(({ amount }) => amount > 0n).sort((a, b) => a.account - b.account)
}

/** Floors of 0 are left out. */
function accountLines(ids: readonly string[], limits: readonly bigint[], floors?: readonly bigint[]): string {
  const lines = ids.map((id, k) => {
    const floor = floors?.[k] ? `,"floor":${floors[k]}` : ''
    return `{"id":${JSON.stringify(id)},"limit":${limits[k]}${floor}}`
  })
  return `[${lines}]`
}

const useLines = (uses: readonly PlainUse[], ids: readonly string[]): string =>
  `{${uses.map(({ account, amount }) => `${JSON.stringify(ids[account])}:${amount}`)}}`

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown, what: string): unknown[] {
  return Array.isArray(value) ? value : unreadable(`${what} are not a list.`)
}

function claim(taken: Set<string>, id: unknown, what: string): string {
  if (typeof id !== 'string' || id === '') return unreadable(`${what} ids must be texts and not empty.`)
  if (taken.has(id)) unreadable(`${what} "${id}" is listed twice.`)
  taken.add(id)
  return id
}

/** An amount of the problem. */
function amountOf(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  return unreadable(`${what} is not an integer from 0 to 2^53 − 1: ${JSON.stringify(value)}.`)
}

/** A figure of the result. */
function figureOf(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  return refuse(`The field ${field} is not a number from 0: ${JSON.stringify(value)}.`)
}
