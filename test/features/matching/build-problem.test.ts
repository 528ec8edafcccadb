import { describe, expect, it } from 'vitest'
import { buildProblem } from '../../../src/features/matching/build-problem.ts'
import type { Snapshot } from '../../../src/features/matching/snapshot.ts'
import { need, offering, program, resident, snapshot } from './snapshots.ts'

const build = (more: Partial<Snapshot> = {}) => buildProblem(snapshot(more))

/** What option `index` uses, by the names of the accounts. */
function usesOf({ problem }: ReturnType<typeof build>, index: number): Record<string, number> {
  const uses: Record<string, number> = {}
  for (let at = problem.optionUses[index]!; at < problem.optionUses[index + 1]!; at++) {
    uses[problem.names.accounts[problem.useAccounts[at]!]!] = problem.useAmounts[at]!
  }
  for (let at = problem.optionPrivateUses[index]!; at < problem.optionPrivateUses[index + 1]!; at++) {
    uses[problem.names.privateAccounts.at(problem.privateUseAccounts[at]!)!] = problem.privateUseAmounts[at]!
  }
  return uses
}

describe('the problem of a snapshot', () => {
  it('has an account for every fund, every offering’s places and every provider’s staff', () => {
    const staffTime = { accountId: 'staff', available: 600 }
    const built = build({
      offerings: [offering({ staffTime }), offering({ id: 'o2', staffTime }), offering({ id: 'o3' })],
      programs: [program()],
    })
    expect(built.problem.names.accounts).toEqual([
      'fund-p1',
      'capacity-o1',
      'staff',
      'capacity-o2',
      'capacity-o3',
    ])
    expect([...built.problem.limits]).toEqual([10_000, 10, 600, 10, 10])
    expect(built.kindOfAccount).toEqual(['fund', 'capacity', 'staff_time', 'capacity', 'capacity'])
  })

  it('lets an option use places, staff time, fund, wallet and cap', () => {
    const built = build({
      needs: [need({ quantity: 3 })],
      offerings: [offering({ staffMinutesPerUnit: 20, staffTime: { accountId: 'staff', available: 600 } })],
      programs: [program({ residentCap: 500 })],
    })
    expect([...built.problem.names.options]).toEqual(['o1 p1', 'o1 self'])
    expect(usesOf(built, 0)).toEqual({ 'capacity-o1': 3, staff: 60, 'fund-p1': 150, wallet: 150, p1: 150 })
    expect(usesOf(built, 1)).toEqual({ 'capacity-o1': 3, staff: 60, wallet: 300 })
  })

  it('gives every resident a wallet and what is left of each cap', () => {
    const residents = [resident(), resident({ id: 'r2', wallet: null })]
    const needs = [need(), need({ id: 'n2', residentId: 'r2' })]
    const built = build({
      residents,
      needs,
      programs: [program({ subsidyShare: 10_000, residentCap: 500 })],
      drawn: { 'p1 r2': 120 },
    })
    expect([...built.problem.names.privateAccounts]).toEqual(['wallet', 'p1', 'wallet', 'p1'])
    expect([...built.problem.privateLimits]).toEqual([1000, 500, 0, 380])
  })

  it('leaves out residents without needs, and keeps needs without options', () => {
    const built = build({
      residents: [resident({ id: 'idle' }), resident()],
      needs: [need({ term: 'unheard_of' })],
    })
    expect(built.problem.names.residents).toEqual(['r1'])
    expect(built.problem.names.needs).toEqual(['n1'])
    expect(built.options).toEqual([])
  })

  it('is the same for the same snapshot, and follows its order', () => {
    const given: Partial<Snapshot> = {
      residents: [resident({ id: 'b' }), resident({ id: 'a' })],
      needs: [need({ id: 'n2', residentId: 'a' }), need({ id: 'n1', residentId: 'b' })],
    }
    expect(build(given)).toEqual(build(given))
    expect(build(given).needs.map((entry) => entry.need.id)).toEqual(['n1', 'n2'])
  })
})
