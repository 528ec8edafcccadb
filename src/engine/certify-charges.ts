import { type ChargedUse, MOST_STEPS, packCharges } from './certify-knapsack.ts'

/** Charges that are claimed to prove a bound, instead of the prices of their accounts. */
export interface ChargeClaim {
  /**
   * Account → the charges of its uses, in the order of the problem, by the options that fit into the empty
   * accounts on their own.
   */
  readonly lists: ReadonlyMap<number, ArrayLike<number>>
  /** What one unit of a charge counts in the proof. */
  readonly unit: bigint
}

/** Ends the proof with a sentence. */
type Refuse = (reason: string) => never

/** Hands out the charges of the uses as the proof comes by them, and remembers what they were for. */
export interface ChargeLedger {
  isCharged(account: number): boolean
  /** The next need begins. */
  openNeed(): void
  /** The charge of the next use of a charged account. */
  charge(account: number, amount: bigint): bigint
  /** What the charged accounts could collect at most, every list used up. */
  collect(limits: readonly bigint[]): bigint
}

const LARGEST_CHARGE = 2 ** 31 - 1

/**
 * The accounts' side of a bound by charges ≥ 0. Of a feasible assignment, the residents pay the charges of
 * uses that fit into the limits together, one of every need at most: no more than each account could collect
 * (Lagrangian decomposition, Guignard & Kim 1987).
 */
export function openLedger(
  claim: ChargeClaim | undefined,
  accounts: readonly string[],
  refuse: Refuse,
): ChargeLedger {
  const books = new Map([...(claim?.lists ?? [])].map(([account, list]) => [account, createBook(list)]))
  let need = 0
  return {
    isCharged: (account) => books.has(account),
    openNeed: () => {
      need++
    },
    charge(account, amount) {
      const book = books.get(account)!
      const charge = book.list[book.taken++]
      if (charge === undefined) refuse(`Account "${accounts[account]}" has more uses than charges.`)
      if (!Number.isInteger(charge) || charge < 0 || charge > LARGEST_CHARGE) {
        refuse(`A charge of account "${accounts[account]}" is not an integer from 0 to 2^31 − 1: ${charge}.`)
      }
      if (book.need !== need) book.needs.push([])
      book.need = need
      book.needs.at(-1)!.push({ amount, charge })
      return BigInt(charge) * claim!.unit
    },
    collect(limits) {
      let total = 0n
      let stepsLeft = MOST_STEPS
      for (const [account, { needs, list, taken }] of books) {
        if (taken < list.length) refuse(`Account "${accounts[account]}" has more charges than uses.`)
        const { most, steps } = packCharges(needs, limits[account]!, stepsLeft)
        if (most === undefined) return refuse('The charges are of accounts that are too large to look into.')
        stepsLeft -= steps
        total += most
      }
      return total * (claim?.unit ?? 0n)
    },
  }
}

const createBook = (list: ArrayLike<number>) => ({
  list,
  taken: 0,
  /** Number of the need that the last use was of. */
  need: -1,
  needs: [] as ChargedUse[][],
})

/** Whether a scale is a power of two from 2^−60 to 2^60. */
export function isChargeScale(scale: unknown): scale is number {
  if (typeof scale !== 'number') return false
  let power = 2 ** -60
  while (power < scale && power < 2 ** 60) power *= 2
  return power === scale
}
