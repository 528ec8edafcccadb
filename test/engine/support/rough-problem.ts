import fc from 'fast-check'

/** The parsed JSON of a problem file, to be edited. */
export interface ProblemJson {
  format: 'lifecircle-problem/1'
  accounts: { id: string; limit: number; floor?: number }[]
  residents: {
    id: string
    accounts: { id: string; limit: number }[]
    needs: { id: string; options: OptionJson[] }[]
  }[]
}
interface OptionJson {
  id: string
  utility: number
  uses: Record<string, number>
  privateUses: Record<string, number>
}

const upTo = (max: number) => fc.integer({ min: 0, max })
/** Mostly small figures, some equal, some far larger than the rest. */
const utility = fc.oneof({ weight: 6, arbitrary: upTo(40) }, { weight: 1, arbitrary: upTo(5000) })
const use = fc.oneof({ weight: 8, arbitrary: upTo(7) }, { weight: 1, arbitrary: upTo(300) })
const option = fc.record({
  utility,
  uses: fc.array(fc.tuple(upTo(5), use), { maxLength: 4, size: 'max' }),
  privateUses: fc.array(fc.tuple(upTo(2), use), { maxLength: 2, size: 'max' }),
})
const resident = fc.record({
  limits: fc.array(upTo(12), { maxLength: 3, size: 'max' }),
  needs: fc.array(fc.array(option, { maxLength: 6, size: 'max' }), { maxLength: 3, size: 'max' }),
})

/**
 * Problems of 4 to 16 residents with up to 3 needs and 6 options each that fit no pattern: any number of uses, of
 * shared and of private accounts, residents without needs, needs without options, options that never fit.
 */
export function roughProblem(plan: { readonly floors?: boolean }): fc.Arbitrary<ProblemJson> {
  const floor =
    plan.floors === true ? fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, upTo(9)) : fc.constant(0)
  return fc
    .record({
      accounts: fc.array(fc.tuple(fc.oneof({ weight: 4, arbitrary: upTo(25) }, upTo(300)), floor), {
        minLength: 1,
        maxLength: 6,
      }),
      residents: fc.array(resident, { minLength: 4, maxLength: 16, size: 'max' }),
    })
    .map(({ accounts, residents }) => ({
      format: 'lifecircle-problem/1' as const,
      accounts: accounts.map(([limit, floor], k) => ({
        id: `account ${k}`,
        limit,
        ...(floor > 0 ? { floor: Math.min(floor, limit) } : {}),
      })),
      residents: residents.map(({ limits, needs }, r) => ({
        id: `resident ${r}`,
        accounts: limits.map((limit, k) => ({ id: `own ${k}`, limit })),
        needs: needs.map((options, n) => ({
          id: `need ${r}.${n}`,
          options: options.map(({ utility, uses, privateUses }, o) => ({
            id: `option ${o}`,
            utility,
            uses: named('account', uses, accounts.length),
            privateUses: named('own', privateUses, limits.length),
          })),
        })),
      })),
    }))
}

const named = (what: string, uses: readonly [number, number][], count: number): Record<string, number> =>
  Object.fromEntries(uses.filter(([k]) => k < count).map(([k, amount]) => [`${what} ${k}`, amount]))
