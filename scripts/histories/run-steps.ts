/** Runs and their review: ordered, worked out, excluded from, pinned in, approved, given up. */
import { cancelRun } from '../../src/features/matching/cancel-run.ts'
import { startRun } from '../../src/features/matching/start-run.ts'
import { openReferrals } from '../../src/features/referrals/open-referrals.ts'
import { approveRun } from '../../src/features/review/approve-run.ts'
import { excludeMatch } from '../../src/features/review/exclude-match.ts'
import { pinMatch } from '../../src/features/review/pin-match.ts'
import { resolveRun } from '../../src/features/review/resolve-run.ts'
import { returnRun } from '../../src/features/review/return-run.ts'
import { adoptMatch } from './adopt-match.ts'
import { type ModelMatch, NEED_OPEN } from './model.ts'
import { performInline } from './perform-inline.ts'
import { choose, choosePerson, type History, type Plan, type Planner, ROLE, reasons } from './plan.ts'
import { PERIOD } from './small-world.ts'

const OFFICERS = ['officer', 'otherOfficer'] as const
const FINANCE = ['finance', 'otherFinance'] as const
const ACTIVE = ['queued', 'running']

const runsIn = ({ model }: History, states: readonly string[]) =>
  [...model.runs].filter(([, state]) => states.includes(state)).map(([id]) => id)

const proposedOf = ({ model }: History, runId: string) =>
  [...model.matches.values()].filter((match) => match.runId === runId && match.state === 'proposed')

export const startStep: Planner = (history, step) => {
  const { model, world } = history
  const person = choosePerson(step, OFFICERS)
  return {
    person,
    against: reasons({
      forbidden: ROLE[person] !== 'officer',
      duplicate: runsIn(history, ACTIVE).length > 0,
      invalid_input: isOver(model.now),
    }),
    run: (ctx) => startRun(ctx, { areaId: world.areaId, period: PERIOD, seed: step.of, rounds: 1 }),
    apply(_found, result) {
      const { id } = result as { id: string }
      model.runs.set(id, 'queued')
      model.takeDuty(id, person, 'create')
    },
  }
}

export const isOver = (now: number) => new Date(now).toISOString().slice(0, 7) > PERIOD

/** The job of a run: what it chose is looked up, and held against the rules. */
export const performStep: Planner = (history, step) => {
  const { model } = history
  const runId = choose(runsIn(history, ACTIVE), step.at)
  if (!runId) return null
  return {
    person: 'system',
    against: [],
    brokenOff: ['accounts', 'matches', 'referrals', 'duties'],
    run: (ctx) => performInline(ctx, runId),
    apply(found) {
      model.runs.set(runId, 'proposed')
      for (const need of model.needs.values()) if (NEED_OPEN.includes(need.state)) need.state = 'unmet'
      const fresh = found.matches.filter((row) => row.runId === runId && !model.matches.has(row.id))
      const capsBefore = new Map(history.world.residentIds.map((id) => [id, model.left(`cap ${id}`)]))
      for (const row of fresh) adoptMatch(history, row, { state: 'proposed', capsBefore })
    },
  }
}

/** The match with its run: excluding and pinning ask for the same. */
function reviewOf(history: History, step: Parameters<Planner>[1]) {
  const { model } = history
  const match = choose(
    [...model.matches.values()].filter(({ runId }) => runId !== null),
    step.at,
  )
  if (!match) return null
  const runId = match.runId!
  const person = choosePerson(step, FINANCE)
  const against = reasons({
    forbidden: ROLE[person] !== 'finance',
    state_conflict: model.runs.get(runId) !== 'proposed' || match.state !== 'proposed',
    duty_conflict: !model.mayTake(runId, person, 'approve'),
  })
  const expectedVersion = history.found.versions.get(match.id)!
  return { match, runId, person, against, wanted: { runId, matchId: match.id, expectedVersion } }
}

export const excludeStep: Planner = (history, step) => {
  const review = reviewOf(history, step)
  if (!review) return null
  const { match, runId, person, against, wanted } = review
  return {
    person,
    against,
    run: (ctx) => excludeMatch(ctx, { ...wanted, reason: 'data_doubtful' }),
    apply() {
      history.model.takeDuty(runId, person, 'approve')
      history.model.giveUp(match)
      match.state = 'excluded'
    },
  }
}

export const pinStep: Planner = (history, step) => {
  const review = reviewOf(history, step)
  if (!review || review.match.pinned) return null
  const { match, runId, person, against, wanted } = review
  return {
    person,
    against,
    run: (ctx) => pinMatch(ctx, { ...wanted, reason: 'continuity' }),
    apply() {
      history.model.takeDuty(runId, person, 'approve')
      match.pinned = true
    },
  }
}

/** A match that was released for a new solution is `released`, one that was excluded stays so. */
function releaseAll(history: History, matches: readonly ModelMatch[], state: 'released' | 'excluded'): void {
  for (const match of matches) {
    history.model.giveUp(match)
    match.state = state
  }
}

export const resolveStep: Planner = (history, step) => {
  const { model } = history
  const runId = choose(runsIn(history, ['proposed', 'returned', 'approved']), step.at)
  if (!runId) return null
  const person = choosePerson(step, [...OFFICERS, ...FINANCE])
  const isFinance = ROLE[person] === 'finance'
  return {
    person,
    against: reasons({
      forbidden: !['officer', 'finance'].includes(ROLE[person]),
      state_conflict: model.runs.get(runId) === 'approved',
      duplicate: runsIn(history, ACTIVE).length > 0,
      invalid_input: isOver(model.now),
      duty_conflict: isFinance
        ? !model.mayTake(runId, person, 'approve')
        : !model.mayTake(runId, person, 'create'),
    }),
    run: (ctx) => resolveRun(ctx, { runId, expectedVersion: history.found.versions.get(runId)! }),
    apply() {
      if (isFinance) model.takeDuty(runId, person, 'approve')
      else model.takeDuty(runId, person, 'create')
      releaseAll(
        history,
        proposedOf(history, runId).filter(({ pinned }) => !pinned),
        'released',
      )
      model.runs.set(runId, 'queued')
    },
  }
}

export const returnStep: Planner = (history, step) => {
  const { model } = history
  const runId = choose(runsIn(history, ['proposed', 'approved', 'returned']), step.at)
  if (!runId) return null
  const person = choosePerson(step, FINANCE)
  return {
    person,
    against: reasons({
      forbidden: ROLE[person] !== 'finance',
      state_conflict: model.runs.get(runId) !== 'proposed',
      duty_conflict: !model.mayTake(runId, person, 'approve'),
    }),
    run: (ctx) =>
      returnRun(ctx, { runId, expectedVersion: history.found.versions.get(runId)!, comment: 'Look again.' }),
    apply() {
      model.takeDuty(runId, person, 'approve')
      model.runs.set(runId, 'returned')
    },
  }
}

export const cancelStep: Planner = (history, step) => {
  const { model } = history
  const runId = choose([...model.runs.keys()], step.at)
  if (!runId) return null
  const person = choosePerson(step, OFFICERS)
  const state = model.runs.get(runId)!
  return {
    person,
    against: reasons({
      forbidden: !['officer', 'finance'].includes(ROLE[person]),
      state_conflict: ['approved', 'cancelled', 'failed'].includes(state),
    }),
    run: (ctx) => cancelRun(ctx, runId),
    apply() {
      releaseAll(history, proposedOf(history, runId), 'excluded')
      model.runs.set(runId, 'cancelled')
    },
  }
}

export const approveStep: Planner = (history, step) => {
  const { model } = history
  const runId = choose([...model.runs.keys()], step.at)
  if (!runId) return null
  const person = choosePerson(step, FINANCE)
  const funded = proposedOf(history, runId).some(({ paid }) => paid)
  return {
    person,
    against: reasons({
      forbidden: ROLE[person] !== 'finance',
      state_conflict: model.runs.get(runId) !== 'proposed' || (funded && model.program !== 'open'),
      duty_conflict: !model.mayTake(runId, person, 'approve'),
    }),
    run: (ctx) => approveRun(ctx, { runId, expectedVersion: history.found.versions.get(runId)! }),
    apply() {
      model.takeDuty(runId, person, 'approve')
      for (const match of proposedOf(history, runId)) match.state = 'approved'
      model.runs.set(runId, 'approved')
    },
  }
}

export const openStep: Planner = (history, step): Plan | null => {
  const { model } = history
  const opened = new Set([...model.referrals.values()].map(({ matchId }) => matchId))
  const unopened = [...model.matches.values()].filter(
    ({ id, runId, state }) => runId !== null && state === 'approved' && !opened.has(id),
  )
  const runId = choose(unopened, step.at)?.runId
  if (!runId) return null
  return {
    person: 'system',
    against: [],
    run: (ctx) => openReferrals(ctx, runId),
    apply(found) {
      for (const { id, matchId, answerBy } of found.referrals) {
        if (model.referrals.has(id)) continue
        if (model.matches.get(matchId)?.state !== 'approved')
          throw new Error('A referral of no approved match.')
        model.open(id, matchId, Date.parse(answerBy))
      }
    },
  }
}
