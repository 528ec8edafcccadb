/** The next policy: drafted, simulated on the last run, consulted on, adopted by another person. */
import { castPolicyVote } from '../../src/features/consultations/cast-policy-vote.ts'
import { countPolicyVotes } from '../../src/features/consultations/count-policy-votes.ts'
import { givePolicyComment } from '../../src/features/consultations/give-policy-comment.ts'
import { getSimulation } from '../../src/features/matching/get-simulation.ts'
import { simulatePolicy } from '../../src/features/matching/simulate-policy.ts'
import { adoptPolicy } from '../../src/features/policies/adopt-policy.ts'
import { comparePolicies } from '../../src/features/policies/compare-policies.ts'
import { consultPolicy } from '../../src/features/policies/consult-policy.ts'
import { DEFAULT_POLICY } from '../../src/features/policies/default-policy.ts'
import { draftPolicy } from '../../src/features/policies/draft-policy.ts'
import { DAY_MS } from '../../src/platform/period.ts'
import { chance, type Stage } from './stage.ts'

const DAYS = 14

/** Guaranteed needs weigh more, walking less, and two floors hold. @returns what `adopt` needs. */
export async function consult(stage: Stage, runId: string): Promise<{ id: string; version: number }> {
  const document = {
    ...DEFAULT_POLICY.document,
    tierWeights: { basic: 400, inclusive: 200, personalized: 100 },
    suitability: { ...DEFAULT_POLICY.document.suitability, walking: 15 },
    floors: [
      { group: { by: 'income_class' as const, value: 'low' as const }, share: 60 },
      { group: { by: 'category' as const, value: 'cultural' as const }, share: 25 },
    ],
  }
  const text = 'Guaranteed needs count four times; three in five needs of people of low income are met.'
  const { id, version } = await draftPolicy(stage.officer, { document, text })
  const { id: simulationId } = await simulatePolicy(stage.officer, { policyId: id, runId })
  await stage.settled()
  const { state, report } = await getSimulation(stage.officer, simulationId)
  if (state !== 'finished' || report?.kind !== 'policy') throw new Error(`The simulation is ${state}.`)
  const { differences } = await comparePolicies(stage.officer, { id })
  for (const { sentence } of differences) console.log(`  ${sentence}`)
  const { adopted, draft, gained, lost, moved } = report
  for (const [name, figures] of Object.entries({ adopted, draft })) {
    const { matched, byTier, subsidies, walkingMinutesMean } = figures
    console.log(
      `  the last month under the ${name} one: ${matched} met, ${JSON.stringify(byTier)}, subsidies ${subsidies}, walk ${walkingMinutesMean} min`,
    )
  }
  console.log(`  ${gained} needs gain by the draft, ${lost} lose, ${moved} would be served by others`)
  const until = new Date(stage.now().getTime() + DAYS * DAY_MS).toISOString()
  const consulted = await consultPolicy(stage.officer, { id, expectedVersion: version, until })
  await speak(stage, id)
  return { id, version: consulted.version }
}

async function speak(stage: Stage, policyId: string): Promise<void> {
  for (const { id: residentId } of stage.people.slice(0, 100)) {
    const vote = chance(stage, 60) ? 'for' : chance(stage, 70) ? 'against' : 'abstain'
    await castPolicyVote(stage.partner, { policyId, residentId, vote })
    if (chance(stage, 5))
      await givePolicyComment(stage.partner, { policyId, residentId, text: 'More help at home.' })
  }
  await castPolicyVote(stage.supervisor, { policyId, vote: 'abstain' })
  const { residents, bodies } = await countPolicyVotes(stage.officer, policyId)
  console.log(`  votes of residents ${JSON.stringify(residents)}, of bodies ${JSON.stringify(bodies)}`)
}

export async function adopt(stage: Stage, { id, version }: { id: string; version: number }): Promise<string> {
  const { number } = await adoptPolicy(stage.finance, { id, expectedVersion: version })
  console.log(`  adopted as version ${number}`)
  return id
}
