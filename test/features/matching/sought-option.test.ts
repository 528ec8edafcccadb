import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kindOf, optionsAmong } from '../../../src/features/matching/options.ts'
import type { Snapshot, SnapshotNeed, SnapshotOffering } from '../../../src/features/matching/snapshot.ts'
import { type Sought, seekOption } from '../../../src/features/matching/sought-option.ts'
import { need, offering, program, randomSnapshot, resident, snapshot } from './snapshots.ts'

const PLENTY = 1e9

/** Everything that is counted, without end: what is short then is none of it. */
function endless(market: Snapshot): Snapshot {
  return {
    ...market,
    drawn: {},
    programs: market.programs.map((one) => ({ ...one, fund: { ...one.fund, available: PLENTY } })),
  }
}

const roomy = (one: SnapshotOffering): SnapshotOffering => ({
  ...one,
  capacity: { ...one.capacity, available: PLENTY },
  staffTime: one.staffTime && { ...one.staffTime, available: PLENTY },
})

/** Every need of a snapshot with every offering and every way to pay. */
function* everyWish(market: Snapshot) {
  for (const wanting of market.needs) {
    const who = market.residents.find(({ id }) => id === wanting.residentId)!
    for (const place of market.offerings) {
      for (const programId of [null, ...market.programs.map(({ id }) => id)]) {
        yield { wanting, who, place, programId }
      }
    }
  }
}

const listed = (
  market: Snapshot,
  wanting: SnapshotNeed,
  place: SnapshotOffering,
  programId: string | null,
) => {
  const who = market.residents.find(({ id }) => id === wanting.residentId)!
  const all = { ...market, policy: { ...market.policy, optionsPerNeed: 1000 } }
  if (kindOf(place) !== kindOf(wanting)) return undefined
  const { options } = optionsAmong(all, wanting, who, [place], 0)
  return options.find(({ program }) => (program?.id ?? null) === programId)
}

describe('the option that somebody wants', () => {
  it('is one exactly where a run would have it, and the same', () => {
    fc.assert(
      fc.property(randomSnapshot, (market) => {
        for (const { wanting, who, place, programId } of everyWish(market)) {
          const sought = seekOption(market, wanting, who, place, programId)
          const option = listed(market, wanting, place, programId)
          expect(sought.outcome === 'option' ? sought.option : undefined).toEqual(option)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('is short of something exactly where it would be one if nothing were', () => {
    fc.assert(
      fc.property(randomSnapshot, (market) => {
        for (const { wanting, who, place, programId } of everyWish(market)) {
          const sought = seekOption(market, wanting, who, place, programId)
          if (sought.outcome === 'option') continue
          const wallet = { accountId: 'w', available: PLENTY }
          const rich = seekOption(endless(market), wanting, { ...who, wallet }, roomy(place), programId)
          if (sought.outcome === 'unfit') expect(rich.outcome).toBe('unfit')
          else if (sought.reason !== 'no_capacity') expect(rich.outcome).toBe('option')
        }
      }),
      { numRuns: 40 },
    )
  })

  const outcome = (sought: Sought) => (sought.outcome === 'option' ? 'option' : sought.reason)

  it('names what is short of the way that is wanted, not of another', () => {
    const poor = program({ id: 'poor', fund: { accountId: 'f', available: 10, limit: 10 } })
    const rich = program({ id: 'rich' })
    const market = snapshot({ programs: [poor, rich] })
    const seek = (programId: string | null, available: number) =>
      outcome(
        seekOption(
          market,
          need(),
          resident({ wallet: { accountId: 'w', available } }),
          offering(),
          programId,
        ),
      )
    expect([seek(null, 1000), seek('rich', 1000), seek('poor', 1000)]).toEqual([
      'option',
      'option',
      'fund_exhausted',
    ])
    expect([seek(null, 60), seek('rich', 60), seek('poor', 60)]).toEqual([
      'over_wallet',
      'option',
      'fund_exhausted',
    ])
    const capped = { ...market, programs: [program({ residentCap: 50 })], drawn: { 'p1 r1': 50 } }
    expect(seekOption(capped, need(), resident(), offering(), 'p1')).toEqual({
      outcome: 'short',
      reason: 'fund_exhausted',
    })
    expect([seek('rich', 0), seek('stranger', 1000)]).toEqual(['over_wallet', 'program_unfit'])
  })
})
