/**
 * A small reference model of the whole lifecycle, written from the rules and not from the code: what every account holds,
 * where every referral stands, who has which duty. It knows nothing of a database.
 */
import { OFFERINGS, type Person, TERMS } from './small-world.ts'

export interface Balance {
  limit: number
  held: number
  spent: number
  incoming: number
  received: number
  settled: number
}

/** What a match takes, of each of its accounts. */
export interface Amounts {
  fund: number
  wallet: number
  cap: number
  capacity: number
}

export interface ModelMatch {
  id: string
  needId: string
  residentId: string
  /** Index of `OFFERINGS`. */
  offering: number
  paid: boolean
  quantity: number
  state: 'proposed' | 'approved' | 'excluded' | 'released'
  runId: string | null
  pinned: boolean
  open: Amounts
}

export interface ModelDelivery {
  id: string
  referralId: string
  units: number
  at: number
  state: 'recorded' | 'confirmed' | 'disputed' | 'sustained' | 'annulled'
  settled: boolean
  amounts: Amounts
}

export interface ModelReferral {
  id: string
  matchId: string
  status: string
  answer: 'accepted' | 'declined' | null
  answerBy: number
  startedAt: number | null
  stayedAt: number | null
  /** Whole days, of all times that it was stayed. */
  stayedDays: number
}

export const NEED_OPEN = ['registered', 'unmet']
export const OVER = ['rejected', 'completed', 'cancelled', 'failed', 'entered-in-error']

export class Model {
  now: number
  program = 'open'
  budget: number = TERMS.budget
  readonly needs = new Map<string, { state: string; residentId: string; quantity: number; term: string }>()
  readonly runs = new Map<string, string>()
  readonly matches = new Map<string, ModelMatch>()
  readonly referrals = new Map<string, ModelReferral>()
  readonly deliveries = new Map<string, ModelDelivery>()
  /** `object person` → duty. */
  readonly duties = new Map<string, string>()
  /** Month → what its statements add up to. */
  readonly settlements = new Map<string, { subsidy: number; copayment: number }>()
  readonly accounts = new Map<string, Balance>()

  constructor(now: number) {
    this.now = now
  }

  account(name: string): Balance {
    const known = this.accounts.get(name)
    if (known) return known
    const empty = { limit: 0, held: 0, spent: 0, incoming: 0, received: 0, settled: 0 }
    this.accounts.set(name, empty)
    return empty
  }

  left(name: string): number {
    const { limit, held, spent } = this.account(name)
    return limit - held - spent
  }

  /** Whether the person may take the duty on an object, having none or the same. */
  mayTake(object: string, person: Person, duty: string): boolean {
    const held = this.duties.get(`${object} ${person}`)
    return held === undefined || held === duty
  }

  takeDuty(object: string, person: Person, duty: string): void {
    this.duties.set(`${object} ${person}`, duty)
  }

  open(id: string, matchId: string, answerBy: number): ModelReferral {
    const referral: ModelReferral = {
      id,
      matchId,
      status: 'requested',
      answer: null,
      answerBy,
      startedAt: null,
      stayedAt: null,
      stayedDays: 0,
    }
    this.referrals.set(id, referral)
    return referral
  }

  hold(match: ModelMatch): void {
    this.matches.set(match.id, match)
    this.move(match, match.open, { held: 1 }, { incoming: 1 })
  }

  release(match: ModelMatch): void {
    this.move(match, match.open, { held: -1 }, { incoming: -1 })
    match.open = { fund: 0, wallet: 0, cap: 0, capacity: 0 }
  }

  /** Ends a match that was not served: what it holds is free, its need waits again. */
  giveUp(match: ModelMatch): void {
    match.state = match.state === 'proposed' ? 'excluded' : 'released'
    this.release(match)
    this.needs.get(match.needId)!.state = 'registered'
  }

  /** Units that were delivered: all but annulled ones. */
  delivered(referralId: string): number {
    return this.unitsOf(referralId, ({ state }) => state !== 'annulled')
  }

  /** Units that are spent: annulled ones too, while a settlement has still to take them back. */
  spent(referralId: string): number {
    return this.unitsOf(referralId, ({ state, settled }) => state !== 'annulled' || settled)
  }

  private unitsOf(referralId: string, counts: (delivery: ModelDelivery) => boolean): number {
    let units = 0
    for (const one of this.deliveries.values())
      if (one.referralId === referralId && counts(one)) units += one.units
    return units
  }

  /** What `units` of those left cost: the whole price of a unit each, divided by largest remainder; ties go to the fund. */
  costOf({ open }: ModelMatch, units: number, left: number): Amounts {
    const price = ((open.fund + open.wallet) * units) / left
    if (!Number.isInteger(price)) throw new Error('A unit has no whole price.')
    const exact = (open.fund * units) / left
    const fund = exact - Math.floor(exact) >= 0.5 ? Math.floor(exact) + 1 : Math.floor(exact)
    const cap = Math.floor((open.cap * units) / left + 0.5)
    return { fund, wallet: price - fund, cap, capacity: units }
  }

  spend(match: ModelMatch, amounts: Amounts): void {
    this.shift(match, amounts, -1)
    this.move(match, amounts, { held: -1, spent: 1 }, { incoming: -1, received: 1 })
  }

  takeBack(match: ModelMatch, amounts: Amounts): void {
    this.shift(match, amounts, 1)
    this.move(match, amounts, { held: 1, spent: -1 }, { incoming: 1, received: -1 })
  }

  /** Money is paid out; places and caps have nobody to be paid to. */
  settle({ offering }: ModelMatch, { fund, wallet }: Amounts, sign: 1 | -1): void {
    this.post(`receivable ${OFFERINGS[offering]!.provider}`, fund + wallet, { settled: sign })
  }

  private shift(match: ModelMatch, amounts: Amounts, sign: 1 | -1): void {
    const { open } = match
    match.open = {
      fund: open.fund + sign * amounts.fund,
      wallet: open.wallet + sign * amounts.wallet,
      cap: open.cap + sign * amounts.cap,
      capacity: open.capacity + sign * amounts.capacity,
    }
  }

  private move(
    { residentId, offering }: ModelMatch,
    amounts: Amounts,
    given: Partial<Balance>,
    got: Partial<Balance>,
  ): void {
    const { provider } = OFFERINGS[offering]!
    this.post('fund', amounts.fund, given)
    this.post(`wallet ${residentId}`, amounts.wallet, given)
    this.post(`receivable ${provider}`, amounts.fund + amounts.wallet, got)
    this.post(`cap ${residentId}`, amounts.cap, given)
    this.post('consumed program', amounts.cap, got)
    this.post(`capacity ${offering}`, amounts.capacity, given)
    this.post(`consumed ${provider}`, amounts.capacity, got)
  }

  private post(name: string, amount: number, effect: Partial<Balance>): void {
    if (amount === 0) return
    const account = this.account(name)
    for (const [part, sign] of Object.entries(effect)) account[part as keyof Balance] += sign * amount
  }
}
