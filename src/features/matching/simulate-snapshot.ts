/** A snapshot solved again under another policy, or with another program in it: what would have come out. */
import { emptyAssignment } from '../../engine/assignment.ts'
import { rowsOf } from '../../engine/problem.ts'
import type { RunResult } from './schemas.ts'
import type { PolicyQuestion, ProgramQuestion, Question } from './simulation-protocol.ts'
import {
  type SimulatedBudget,
  type SimulatedFigures,
  type SimulationReport,
  SMALLEST_CLASS,
} from './simulation-schemas.ts'
import type { Snapshot } from './snapshot.ts'
import { summarize } from './summarize.ts'
import { type Effort, type SolvedSnapshot, solveSnapshot } from './work-out-run.ts'

export function simulateSnapshot(snapshot: Snapshot, question: Question, effort: Effort): SimulationReport {
  return question.kind === 'policy'
    ? simulateDraft(snapshot, question, effort)
    : simulateBudgets(snapshot, question, effort)
}

/** Both with the run's seed and rounds, so that nothing differs but the policy. */
function simulateDraft(
  snapshot: Snapshot,
  { version, adopted, draft }: PolicyQuestion,
  effort: Effort,
): SimulationReport {
  const before = simulate({ ...snapshot, policy: adopted.document }, effort)
  const after = simulate({ ...snapshot, policy: draft }, effort)
  return {
    kind: 'policy',
    version,
    adoptedPolicyId: adopted.id,
    needs: snapshot.needs.length,
    adopted: figuresOf(before),
    draft: figuresOf(after),
    ...differences(before, after),
  }
}

function simulateBudgets(snapshot: Snapshot, question: ProgramQuestion, effort: Effort): SimulationReport {
  const { version, changePercent } = question
  const taken = takenFrom(snapshot, question.program.id)
  const budget = Math.max(taken, question.budget)
  const asItIs = simulate(withBudget(snapshot, question, budget), effort)
  const shadowPrice = priceOf(asItIs, question.accountId)
  const budgets = changePercent.map((change): SimulatedBudget => {
    const changed = Math.max(taken, Math.floor((budget * (100 + change)) / 100))
    const simulated = changed === budget ? asItIs : simulate(withBudget(snapshot, question, changed), effort)
    const { matched, value, bound, byTier, funds } = simulated.result
    const { gained, lost } = differences(asItIs, simulated)
    return {
      changePercent: change,
      budget: changed,
      matched,
      value,
      bound,
      byTier,
      funds,
      spent: funds.find(({ programId }) => programId === question.program.id)!.used,
      estimatedValue: asItIs.result.value + shadowPrice * (changed - budget),
      gained,
      lost,
    }
  })
  return { kind: 'program', version, needs: snapshot.needs.length, budget, shadowPrice, budgets }
}

/** The snapshot with the program as it is today and this budget. */
function withBudget(snapshot: Snapshot, { program, accountId }: ProgramQuestion, budget: number): Snapshot {
  const others = snapshot.programs.filter(({ id }) => id !== program.id)
  const fund = { accountId, limit: budget, available: budget - takenFrom(snapshot, program.id) }
  const programs = [...others, { ...program, fund }].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { ...snapshot, programs }
}

/** What had been taken from the program's fund before the run: no budget can be less. */
function takenFrom({ programs }: Snapshot, programId: string): number {
  const fund = programs.find(({ id }) => id === programId)?.fund
  return fund ? fund.limit - fund.available : 0
}

interface Simulated extends SolvedSnapshot {
  result: RunResult
}

function simulate(snapshot: Snapshot, effort: Effort): Simulated {
  const solved = solveSnapshot(snapshot, effort)
  const { built, solution } = solved
  // Neither who came first nor why a need is unmet is asked for.
  const nobody = emptyAssignment(rowsOf(built.problem))
  return { ...solved, result: summarize(snapshot, built, solution, nobody, []) }
}

function priceOf({ built, solution }: Simulated, accountId: string): number {
  return solution.unitPrices[built.problem.names.accounts.indexOf(accountId)] ?? 0
}

function figuresOf({ built, solution, result }: Simulated): SimulatedFigures {
  const { matched, byTier, byCategory, byIncomeClass, funds, floors } = result
  const chosen = [...solution.choice].flatMap((option) => (option < 0 ? [] : [built.options[option]!]))
  const kept = built.kept.map(({ need }) => need.pinned?.subsidy ?? 0)
  const minutes = chosen.flatMap(({ walkingMinutes }) => walkingMinutes ?? [])
  return {
    matched,
    byTier,
    byCategory,
    byIncomeClass: isSmall(byIncomeClass) ? null : byIncomeClass,
    funds,
    ...(floors && { floors }),
    subsidies: sum(chosen.map(({ subsidy }) => subsidy)) + sum(kept),
    walkingMinutesMean: minutes.length === 0 ? null : Math.round((sum(minutes) / minutes.length) * 100) / 100,
  }
}

/** One class alone could be reckoned from the others and the total, so that it is all of them or none. */
function isSmall(classes: RunResult['byIncomeClass']): boolean {
  return Object.values(classes).some(({ needs }) => needs > 0 && needs < SMALLEST_CLASS)
}

/** Both are of the same needs in the same order. */
function differences(before: Simulated, after: Simulated) {
  const counts = { gained: 0, lost: 0, moved: 0 }
  for (const need of before.built.needs.keys()) {
    const was = before.built.options[before.solution.choice[need]!]
    const is = after.built.options[after.solution.choice[need]!]
    if (!was && is) counts.gained++
    else if (was && !is) counts.lost++
    else if (was?.offering.id !== is?.offering.id) counts.moved++
  }
  return counts
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
