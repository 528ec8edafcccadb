import { describe, expect, it } from 'vitest'
import { buildProblem } from '../../../src/features/matching/build-problem.ts'
import { explainNeeds } from '../../../src/features/matching/explain-needs.ts'
import { explanationSentence } from '../../../src/features/matching/explanation-sentence.ts'
import { type Explanation, UnmetReason } from '../../../src/features/matching/schemas.ts'
import type { Snapshot } from '../../../src/features/matching/snapshot.ts'
import { solveRun } from '../../../src/features/matching/solve-run.ts'
import { metersNorth, need, offering, program, resident, snapshot } from './snapshots.ts'

function explain(more: Partial<Snapshot>) {
  const given = snapshot(more)
  const built = buildProblem(given)
  return explainNeeds(given, built, solveRun(built, 'weighted', { seed: 1, rounds: 20 }))
}
const explainFirst = (more: Partial<Snapshot> = {}) => explain(more)[0]!.explanation

/** Two residents who want one place; the second has waited longer. */
const RIVALS: Partial<Snapshot> = {
  residents: [resident(), resident({ id: 'r2' })],
  needs: [need(), need({ id: 'n2', residentId: 'r2', waitingDays: 70 })],
  offerings: [offering({ capacity: { accountId: 'capacity-o1', available: 1, limit: 1 } })],
}

describe('why a need was met', () => {
  it('is the option chosen, and what came second', () => {
    const far = offering({ id: 'far', point: metersNorth(700) })
    expect(explainFirst({ offerings: [far, offering()] })).toMatchObject({
      outcome: 'matched',
      reason: null,
      considered: 2,
      option: { offeringId: 'o1', programId: null },
      runnerUp: { offeringId: 'far' },
      change: null,
    })
    expect(explainFirst()).toMatchObject({ outcome: 'matched', runnerUp: null })
  })
})

describe('why a need was not met', () => {
  it('is the reason that came closest to an option', () => {
    const far = offering({ id: 'far', point: metersNorth(5000) })
    const dear = offering({ id: 'dear', price: 5000 })
    const full = offering({ id: 'full', capacity: { accountId: 'c', available: 0, limit: 5 } })
    const closed = offering({ id: 'closed', eligibility: { fact: 'age', op: 'gte', value: 90 } })
    const reason = (...offerings: Snapshot['offerings']) => explainFirst({ offerings }).reason
    expect(reason(far)).toBe('out_of_reach')
    expect(reason(far, closed)).toBe('no_eligible_offering')
    expect(reason(closed, full)).toBe('no_capacity')
    expect(reason(full, dear, far)).toBe('over_wallet')
    expect(reason(offering({ point: null }))).toBe('data_incomplete')
    expect(explainFirst({ residents: [resident({ point: null })] }).reason).toBe('consent_missing')
    expect(reason()).toBe('no_offering')
    expect(explainFirst({ offerings: [far, dear] }).ruledOut).toEqual({ out_of_reach: 1, over_wallet: 1 })
  })

  it('is being outranked, with the place that was missing', () => {
    const [first, second] = explain(RIVALS)
    expect(second!.explanation.outcome).toBe('matched')
    expect(first!.explanation).toMatchObject({
      outcome: 'unmet',
      reason: 'outranked',
      option: { offeringId: 'o1' },
      change: { kind: 'capacity', accountId: 'capacity-o1', by: 1 },
    })
  })

  it('is a fund that others used up, with what was missing in it', () => {
    const poor = { wallet: { accountId: 'w', available: 50 } }
    const explained = explain({
      ...RIVALS,
      residents: [resident(poor), resident({ id: 'r2', ...poor })],
      offerings: [offering()],
      programs: [program({ fund: { accountId: 'fund-p1', available: 80, limit: 80 } })],
    })
    expect(explained[0]!.explanation).toMatchObject({
      reason: 'fund_exhausted',
      change: { kind: 'fund', accountId: 'fund-p1', by: 20 },
    })
  })

  it('is a wallet that the resident’s other need emptied', () => {
    const needs = [need({ term: 'bathing' }), need({ id: 'n2', waitingDays: 70 })]
    const offerings = [offering(), offering({ id: 'o2', term: 'bathing' })]
    const residents = [resident({ wallet: { accountId: 'wallet-r1', available: 150 } })]
    expect(explainFirst({ needs, offerings, residents })).toMatchObject({
      reason: 'over_wallet',
      change: { kind: 'wallet', accountId: 'wallet-r1', by: 50 },
    })
  })

  /** A third resident, who has waited longer than the first and less than the second. */
  const three: Partial<Snapshot> = {
    ...RIVALS,
    residents: [...RIVALS.residents!, resident({ id: 'r3' })],
    needs: [...RIVALS.needs!, need({ id: 'n3', residentId: 'r3', waitingDays: 40 })],
  }

  it('names a change that is enough for whoever comes first as well', () => {
    const explained = explain(three)
    expect(explained.map(({ explanation }) => explanation.change?.by ?? null)).toEqual([2, null, 1])
    expect(explained.map(({ explanation }) => explanation.verified ?? null)).toEqual([true, null, true])
  })

  it('verifies where most is at stake, and says of the others what fits as things stand', () => {
    const given = snapshot(three)
    const built = buildProblem(given)
    const explained = explainNeeds(given, built, solveRun(built, 'weighted', { seed: 1, rounds: 20 }), 1)
    expect(explained.map(({ explanation }) => explanation.verified ?? null)).toEqual([false, null, true])
    expect(explained.map(({ explanation }) => explanation.change?.by ?? null)).toEqual([1, null, 1])
  })

  it('names the change that does meet the need when it is made', () => {
    const { change, verified } = explainFirst(RIVALS)
    expect(verified).toBe(true)
    const more = 1 + change!.by!
    const offerings = [offering({ capacity: { accountId: 'capacity-o1', available: more, limit: more } })]
    expect(explainFirst({ ...RIVALS, offerings }).outcome).toBe('matched')
  })
})

const NOWHERE = { accountId: null, programId: null, fact: null }

const names = {
  offerings: new Map([
    ['o1', 'Day care'],
    ['o2', 'Day club'],
  ]),
  programs: new Map([['p1', 'Fund']]),
  currency: 'TWD',
}
const sentence = (more: Partial<Explanation>) =>
  explanationSentence(
    {
      outcome: 'unmet',
      reason: 'outranked',
      considered: 2,
      ruledOut: {},
      option: { offeringId: 'o1', programId: 'p1', utility: 1_800_000 },
      runnerUp: null,
      change: null,
      ...more,
    },
    names,
  )

describe('an explanation in words', () => {
  it('names what was chosen and what came second', () => {
    const runnerUp = { offeringId: 'o2', programId: null, utility: 900 }
    expect(sentence({ outcome: 'matched', reason: null, runnerUp })).toBe(
      'Chosen out of 2 options: Day care with Fund, utility 1,800,000. Next best: Day club, utility 900.',
    )
    expect(sentence({ outcome: 'matched', reason: null, considered: 1 })).toBe(
      'Chosen out of 1 option: Day care with Fund, utility 1,800,000.',
    )
  })

  it('names the change that would have helped, in the account’s unit', () => {
    const helped = (kind: NonNullable<Explanation['change']>['kind'], by: number) =>
      sentence({ change: { ...NOWHERE, kind, by }, verified: true }).replace(
        /^.*met with (.*) for Day care.*$/,
        '$1',
      )
    expect(helped('capacity', 1)).toBe('1 more place')
    expect(helped('capacity', 3)).toBe('3 more places')
    expect(helped('staff_time', 1200)).toBe('1,200 more minutes of staff time')
    expect(helped('fund', 123_456)).toBe('1,234.56 TWD more in the program’s fund')
    expect(helped('wallet', 5)).toBe('0.05 TWD more in the wallet')
    expect(helped('subsidy_cap', 100)).toBe('1.00 TWD more of subsidy per resident')
  })

  it('promises less where nothing was verified', () => {
    const change = { ...NOWHERE, kind: 'capacity', by: 2 } as const
    expect(sentence({ change, verified: false })).toMatch(
      /As things stand, 2 more places would make room for it at Day care with Fund\.$/,
    )
  })

  it('admits where the run could have met the need', () => {
    const change = { ...NOWHERE, kind: 'capacity', by: 0 } as const
    expect(sentence({ change, verified: true })).toMatch(
      /It could have been met by Day care with Fund as things were; the run did not find that\.$/,
    )
  })

  it('says so where no single change helps, and promises nothing about what was displaced', () => {
    expect(sentence({})).toMatch(/No single change of one account would meet it as things stand\.$/)
    expect(sentence({ verified: true })).toMatch(/No single change would meet it\.$/)
    expect(sentence({ reason: 'displaced' })).toMatch(
      /was taken or closed while .* \(2 options considered\)\.$/,
    )
  })

  it('has words for every reason, also where a name is gone', () => {
    for (const reason of UnmetReason.options) expect(sentence({ reason })).toMatch(/^Not met: [a-z].*\.$/)
    const option = { offeringId: 'gone', programId: 'gone', utility: 1 }
    expect(sentence({ outcome: 'matched', option })).toContain('an offering with a program')
  })
})
