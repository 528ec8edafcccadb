import fc from 'fast-check'
import { createProblemBuilder, type Problem } from '../../../src/engine/problem.ts'

const amount = fc.integer({ min: 0, max: 6 })
const option = fc.record({
  utility: fc.integer({ min: 0, max: 20 }),
  uses: fc.tuple(amount, amount, amount),
  privateUses: fc.tuple(amount, amount),
})
const resident = fc.record({
  limits: fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })),
  needs: fc.array(fc.array(option, { maxLength: 3 }), { maxLength: 3 }),
})

/** Problems small enough to enumerate: at most 4 residents, 3 needs each, 3 options each. */
export const smallProblem: fc.Arbitrary<Problem> = fc
  .record({
    limits: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 14 }))),
    residents: fc.array(resident, { maxLength: 4 }),
  })
  .map(({ limits, residents }) => {
    const builder = createProblemBuilder()
    for (const [k, limit] of limits.entries()) builder.account(`a${k}`, limit)
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
  })
