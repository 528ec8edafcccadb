/** The ledger as a few maps: what the real one must agree with after any sequence of postings. */
import fc from 'fast-check'

export interface ModelUse {
  debit: number
  credit: number
  amount: number
}

export type Command =
  | { do: 'hold'; bundle: number; uses: ModelUse[] }
  | { do: 'release'; bundle: number; key: string }
  | { do: 'commit'; bundle: number; units: number; left: number; key: string }
  | { do: Following; bundle: number; key: string }
  | { do: 'setLimit'; account: number; limit: number }

export type Following = 'settle' | 'unsettle' | 'revert'

export type Outcome = 'done' | 'refused' | 'insufficient' | 'not_found' | 'state_conflict'

export const SCARCE = 3
/** The first is owed money; the second counts what is given. */
export const RECEIVERS = 2
export const BUNDLES = 3

const bundle = fc.nat(BUNDLES - 1)
const key = fc.constantFrom('a', 'b')

const uses = fc.uniqueArray(
  fc.record({
    debit: fc.nat(SCARCE - 1),
    credit: fc.nat(RECEIVERS - 1),
    amount: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 1, maxLength: 4, selector: ({ debit, credit }) => `${debit} ${credit}` },
)

export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hold' as const), bundle, uses }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('release' as const), bundle, key: fc.uuid() }),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        do: fc.constant('commit' as const),
        bundle,
        units: fc.integer({ min: 1, max: 4 }),
        left: fc.integer({ min: 1, max: 4 }),
        key,
      })
      .map((given) => ({ ...given, units: Math.min(given.units, given.left) })),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom<Following[]>('settle', 'settle', 'unsettle', 'unsettle', 'revert'),
      bundle,
      key,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('setLimit' as const),
      account: fc.nat(SCARCE - 1),
      limit: fc.integer({ min: 0, max: 20 }),
    }),
  },
)

interface ModelHold extends ModelUse {
  open: number
  /** By the key of the commit: how much, and what followed it. */
  commits: Map<string, { amount: number; settled: boolean; unsettled: boolean; reverted: boolean }>
}

export class Model {
  readonly limits: number[]
  readonly #bundles = new Map<number, ModelHold[]>()

  constructor(limits: number[]) {
    this.limits = [...limits]
  }

  /** Balances of the scarce accounts: what is pending, what is final. */
  given(account: number) {
    const own = this.#all().filter(({ debit }) => debit === account)
    return { limit: this.limits[account]!, held: opened(own), spent: spent(own) }
  }

  /** Balances of the receiving accounts. */
  got(account: number) {
    const own = this.#all().filter(({ credit }) => credit === account)
    return { incoming: opened(own), received: spent(own), settled: account === 0 ? settled(own) : 0 }
  }

  run(command: Command): Outcome {
    if (command.do === 'setLimit') return this.#setLimit(command.account, command.limit)
    if (command.do === 'hold') return this.#hold(command.bundle, command.uses)
    const holds = this.#bundles.get(command.bundle) ?? []
    if (command.do === 'release') {
      for (const hold of holds) hold.open = 0
      return 'done'
    }
    if (holds.length === 0) return 'not_found'
    return command.do === 'commit' ? commit(holds, command) : follow(holds, command)
  }

  #all(): ModelHold[] {
    return [...this.#bundles.values()].flat()
  }

  #setLimit(account: number, limit: number): Outcome {
    const { held, spent } = this.given(account)
    if (held + spent > limit) return 'insufficient'
    this.limits[account] = limit
    return 'done'
  }

  #hold(bundle: number, uses: ModelUse[]): Outcome {
    const known = this.#bundles.get(bundle)
    if (known) return opened(known) + spent(known) > 0 ? 'done' : 'refused'
    for (let account = 0; account < SCARCE; account++) {
      const { limit, held, spent } = this.given(account)
      const wanted = uses.filter(({ debit }) => debit === account).reduce((sum, use) => sum + use.amount, 0)
      if (held + spent + wanted > limit) return 'refused'
    }
    this.#bundles.set(
      bundle,
      uses.map((use) => ({ ...use, open: use.amount, commits: new Map() })),
    )
    return 'done'
  }
}

function commit(
  holds: ModelHold[],
  { units, left, key }: { units: number; left: number; key: string },
): Outcome {
  if (holds.some(({ commits }) => commits.has(key))) return 'done'
  for (let receiver = 0; receiver < RECEIVERS; receiver++) {
    const own = holds.filter(({ credit }) => credit === receiver)
    const open = opened(own)
    let rest = Math.floor((2 * open * units + left) / (2 * left))
    const due = own.map((hold) => Math.floor((hold.open * units) / left))
    for (const amount of due) rest -= amount
    // The rest goes where most was cut off, one each; of equals to the first.
    const cut = (at: number) => (own[at]!.open * units) % left
    const places = own.map((_, at) => at).sort((a, b) => cut(b) - cut(a))
    for (const at of places.slice(0, rest)) due[at]! += 1
    own.forEach((hold, at) => {
      const amount = due[at]!
      if (amount === 0) return
      hold.open -= amount
      hold.commits.set(key, { amount, settled: false, unsettled: false, reverted: false })
    })
  }
  return 'done'
}

function follow(holds: ModelHold[], { do: phase, key }: { do: Following; key: string }): Outcome {
  const all = holds.filter(({ commits }) => commits.has(key))
  if (all.length === 0) return 'not_found'
  const done = ({ commits }: ModelHold) => {
    const { settled, unsettled, reverted } = commits.get(key)!
    return { settle: settled, unsettle: unsettled, revert: reverted }[phase]
  }
  const due = all.filter((hold) => (phase === 'revert' || hold.credit === 0) && !done(hold))
  for (const { commits } of due) {
    const { settled, unsettled, reverted } = commits.get(key)!
    const wrong = {
      settle: reverted,
      unsettle: !settled,
      revert: settled && !unsettled,
    }
    if (wrong[phase]) return 'state_conflict'
  }
  for (const hold of due) {
    const one = hold.commits.get(key)!
    if (phase === 'settle') one.settled = true
    else if (phase === 'unsettle') one.unsettled = true
    else {
      one.reverted = true
      hold.open += one.amount
    }
  }
  return 'done'
}

function opened(holds: ModelHold[]): number {
  return holds.reduce((sum, hold) => sum + hold.open, 0)
}

function spent(holds: ModelHold[]): number {
  const all = holds.flatMap(({ commits }) => [...commits.values()])
  return all.reduce((sum, { amount, reverted }) => sum + (reverted ? 0 : amount), 0)
}

function settled(holds: ModelHold[]): number {
  const all = holds.flatMap(({ commits }) => [...commits.values()])
  return all.reduce((sum, one) => sum + (one.settled && !one.unsettled ? one.amount : 0), 0)
}
