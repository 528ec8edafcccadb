/** The ledger as a few maps: what the real one must agree with after any sequence of postings. */
import fc from 'fast-check'

export interface ModelUse {
  debit: number
  credit: number
  amount: number
}

export type Command =
  | { do: 'hold'; bundle: number; uses: ModelUse[] }
  | { do: 'release'; bundle: number }
  | { do: 'commit'; bundle: number; delivered: number; of: number; key: string }
  | { do: 'settle'; bundle: number; key: string }
  | { do: 'setLimit'; account: number; limit: number }

export type Outcome = 'done' | 'refused' | 'insufficient' | 'not_found'

export const SCARCE = 3
export const RECEIVERS = 2
export const BUNDLES = 4

const bundle = fc.nat(BUNDLES - 1)
const key = fc.constantFrom('a', 'b', 'c')

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
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), bundle }) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        do: fc.constant('commit' as const),
        bundle,
        delivered: fc.nat(4),
        of: fc.integer({ min: 1, max: 4 }),
        key,
      })
      .map((given) => ({ ...given, delivered: Math.min(given.delivered, given.of) })),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settle' as const), bundle, key }) },
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
  committed: number
  settled: number
}

export class Model {
  readonly limits: number[]
  readonly #bundles = new Map<number, ModelHold[]>()
  readonly #posted = new Set<string>()

  constructor(limits: number[]) {
    this.limits = [...limits]
  }

  /** Balances of the scarce accounts: what is pending, what is final. */
  given(account: number) {
    const own = this.#all().filter(({ debit }) => debit === account)
    return { limit: this.limits[account]!, held: total(own, 'open'), spent: total(own, 'committed') }
  }

  /** Balances of the receiving accounts. */
  got(account: number) {
    const own = this.#all().filter(({ credit }) => credit === account)
    return {
      incoming: total(own, 'open'),
      received: total(own, 'committed'),
      settled: total(own, 'settled'),
    }
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
    const posting = `${command.do} ${command.bundle} ${command.key}`
    if (this.#posted.has(posting)) return 'done'
    const moved = command.do === 'settle' ? settle(holds) : commit(holds, command.delivered / command.of)
    if (moved > 0) this.#posted.add(posting)
    return 'done'
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
    if (known) return total(known, 'open') + total(known, 'committed') > 0 ? 'done' : 'refused'
    for (let account = 0; account < SCARCE; account++) {
      const { limit, held, spent } = this.given(account)
      const wanted = uses.filter(({ debit }) => debit === account).reduce((sum, use) => sum + use.amount, 0)
      if (held + spent + wanted > limit) return 'refused'
    }
    this.#bundles.set(
      bundle,
      uses.map((use) => ({ ...use, open: use.amount, committed: 0, settled: 0 })),
    )
    return 'done'
  }
}

function commit(holds: ModelHold[], share: number): number {
  let moved = 0
  for (const hold of holds) {
    const due = Math.max(0, Math.round((hold.open + hold.committed) * share) - hold.committed)
    hold.open -= due
    hold.committed += due
    moved += due
  }
  return moved
}

function settle(holds: ModelHold[]): number {
  let moved = 0
  for (const hold of holds) {
    moved += hold.committed - hold.settled
    hold.settled = hold.committed
  }
  return moved
}

function total(holds: ModelHold[], part: 'open' | 'committed' | 'settled'): number {
  return holds.reduce((sum, hold) => sum + hold[part], 0)
}
