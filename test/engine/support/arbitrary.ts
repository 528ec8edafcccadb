import fc from 'fast-check'
import { createProblemBuilder, type Problem } from '../../../src/engine/problem.ts'

const amount = fc.integer({ min: 0, max: 6 })
type Option = {
  readonly utility: number
  readonly uses: readonly number[]
  readonly privateUses: readonly number[]
}
const option: fc.Arbitrary<Option> = fc.record({
  utility: fc.integer({ min: 0, max: 20 }),
  uses: fc.tuple(amount, amount, amount),
  privateUses: fc.tuple(amount, amount),
})
type Resident = {
  readonly limits: readonly number[]
  readonly needs: readonly (readonly Option[])[]
}
const resident: fc.Arbitrary<Resident> = fc.record({
  limits: fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })),
  needs: fc.array(fc.array(option, { maxLength: 3 }), { maxLength: 3 }),
})
const residents = fc.array(resident, { maxLength: 4 })
const limits = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 14 })))
/** What the floors ask for, as far as the limits let them; often nothing. */
const floors = fc.tuple(...[0, 1, 2].map(() => fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8 }))))

interface Plan {
  readonly limits: readonly number[]
  readonly floors?: readonly number[]
  readonly residents: readonly Resident[]
}

/** Problems small enough to enumerate: at most 4 residents, 3 needs each, 3 options each. */
export const smallProblem: fc.Arbitrary<Problem> = fc.record({ limits, residents }).map(built)

/** The same with a floor on some of the 3 shared accounts; no assignment may meet them. */
export const smallProblemWithFloors: fc.Arbitrary<Problem> = fc
  .record({ limits, floors, residents })
  .map((plan) => built({ ...plan, floors: plan.floors.map((floor, k) => Math.min(floor, plan.limits[k]!)) }))

function built({ limits, floors, residents }: Plan): Problem {
  const builder = createProblemBuilder()
  for (const [k, limit] of limits.entries()) builder.account(`a${k}`, limit, floors?.[k])
  residents.forEach((r, i) => {
    builder.resident(`r${i}`)
    const own = r.limits.map((limit, k) => builder.privateAccount(`p${k}`, limit))
    r.needs.forEach((options, j) => {
      builder.need(`r${i}n${j}`)
      options.forEach((o, k) => {
        const uses = o.uses.map((a, account) => [account, a] as const)
        const privateUses = o.privateUses.map((a, account) => [own[account]!, a] as const)
        builder.option(`o${k}`, o.utility, uses, privateUses)
      })
    })
  })
  return builder.build()
}
