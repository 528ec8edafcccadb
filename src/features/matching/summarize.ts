/** A run's result in figures, and the same figures for first come, first served. */
import type { Assignment } from '../../engine/assignment.ts'
import type { BuiltProblem } from './build-problem.ts'
import type { Option } from './options.ts'
import type { RunResult, TierStage, UnmetReason } from './schemas.ts'
import type { Snapshot } from './snapshot.ts'
import type { Fairness, SolvedRun } from './solve-run.ts'

const TIERS = ['basic', 'inclusive', 'personalized'] as const
const CATEGORIES = ['elderly_care', 'medical', 'cultural', 'life_care'] as const
const INCOME_CLASSES = ['low', 'lower_middle', 'general', 'unknown'] as const

interface Met {
  needs: number
  met: number
}

/** Matches that reviewers kept count in all figures; funds and capacity have them used already. */
export function summarize(
  snapshot: Snapshot,
  built: BuiltProblem,
  solution: Pick<SolvedRun, 'choice' | 'value' | 'bound' | 'gap' | 'rounds' | 'stages' | 'fairness'>,
  firstCome: Assignment,
  reasons: readonly (UnmetReason | null)[],
): RunResult {
  const byTier = coverage(TIERS, built, solution.choice, ({ need }) => need.tier)
  const { kept } = built
  return {
    residents: snapshot.residents.length,
    needs: built.needs.length + kept.length,
    offerings: snapshot.offerings.length,
    options: built.options.length,
    matched: count(solution.choice) + kept.length,
    ...(kept.length > 0 && { pinned: kept.length }),
    displaced: 0,
    ...withKept(solution, utilityOf(kept)),
    rounds: solution.rounds,
    ...(solution.stages && { stages: solution.stages.map((stage) => stageWithKept(stage, kept)) }),
    byTier,
    byCategory: coverage(CATEGORIES, built, solution.choice, ({ need }) => need.category),
    byIncomeClass: byIncomeClass(built, solution.choice),
    unmetReasons: countReasons(reasons),
    ...(solution.fairness && heldFloors(built, solution.choice, solution.value, solution.fairness)),
    ...use(snapshot, built, solution.choice),
    firstCome: {
      matched: count(firstCome.choice) + kept.length,
      value: firstCome.value + utilityOf(kept),
      byTier: coverage(TIERS, built, firstCome.choice, ({ need }) => need.tier),
      byIncomeClass: byIncomeClass(built, firstCome.choice),
    },
  }
}

type Kept = BuiltProblem['kept']

const utilityOf = (kept: Kept) => kept.reduce((sum, { need }) => sum + (need.pinned?.utility ?? 0), 0)

/** What is kept is certain: it adds to the bound what it adds to the value. */
function withKept({ value, bound }: { value: number; bound: number }, kept: number) {
  const most = bound + kept
  return { value: value + kept, bound: most, gap: most === 0 ? 0 : (bound - value) / most }
}

function stageWithKept(stage: TierStage, kept: Kept): TierStage {
  const own = kept.filter(({ need }) => need.tier === stage.tier)
  return { tier: stage.tier, ...withKept(stage, utilityOf(own)) }
}

/** How many of each floor's group are met, and what that costs the others. */
function heldFloors(
  { floors, floorsOfNeed }: BuiltProblem,
  choice: Int32Array,
  value: number,
  { prices, valueWithout }: Fairness,
): Pick<RunResult, 'floors' | 'priceOfFairness'> {
  const met = floors.map(({ kept }) => kept)
  for (const [need, option] of choice.entries()) {
    if (option >= 0) for (const place of floorsOfNeed[need]!) met[place]!++
  }
  const held = floors.map(({ group, needs, attainable, asked }, place) => {
    const isMissed = met[place]! < asked
    const figures = { group, needs, attainable, floor: asked, met: met[place]! }
    return { ...figures, missed: isMissed, price: prices[place]! }
  })
  return { floors: held, priceOfFairness: valueWithout - value }
}

const count = (choice: Int32Array) => choice.reduce((total, option) => total + (option >= 0 ? 1 : 0), 0)

function coverage<Group extends string>(
  groups: readonly Group[],
  built: BuiltProblem,
  choice: Int32Array,
  groupOf: (entry: Kept[number]) => Group,
): Record<Group, Met> {
  const met = Object.fromEntries(groups.map((group) => [group, { needs: 0, met: 0 }])) as Record<Group, Met>
  for (const [index, entry] of built.needs.entries()) {
    const group = met[groupOf(entry)]
    group.needs++
    if (choice[index]! >= 0) group.met++
  }
  for (const entry of built.kept) {
    const group = met[groupOf(entry)]
    group.needs++
    group.met++
  }
  return met
}

function byIncomeClass(built: BuiltProblem, choice: Int32Array) {
  return coverage(
    INCOME_CLASSES,
    built,
    choice,
    ({ resident }) => resident.statistics?.incomeClass ?? 'unknown',
  )
}

function countReasons(reasons: readonly (UnmetReason | null)[]): RunResult['unmetReasons'] {
  const counts: RunResult['unmetReasons'] = {}
  for (const reason of reasons) if (reason) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

/** Funds by program and capacity by category: what was there when the run began, and what is taken with the run. */
function use(
  snapshot: Snapshot,
  built: BuiltProblem,
  choice: Int32Array,
): Pick<RunResult, 'funds' | 'capacity'> {
  const funds = snapshot.programs.map(({ id, name, fund }) => ({
    programId: id,
    name,
    limit: fund.limit,
    used: fund.limit - fund.available,
  }))
  const capacity: RunResult['capacity'] = {}
  for (const { category, capacity: account } of snapshot.offerings) {
    capacity[category] ??= { limit: 0, used: 0 }
    capacity[category].limit += account.limit
    capacity[category].used += account.limit - account.available
  }
  const fundOf = new Map(funds.map((fund) => [fund.programId, fund]))
  for (const [index, { need }] of built.needs.entries()) {
    const option: Option | undefined = built.options[choice[index]!]
    if (!option) continue
    capacity[option.offering.category]!.used += need.quantity
    if (option.program) fundOf.get(option.program.id)!.used += option.subsidy
  }
  return { funds, capacity }
}
