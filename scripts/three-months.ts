/**
 * Three months of a district from the first draft to the last cent: a policy is consulted on and adopted, two programs a
 * month are opened, needs matched, matches reviewed with exclusions and pins, offers answered or not, services delivered,
 * disputed and settled, providers inspected, an appeal heard, an offering suspended. Everybody acts through the verbs,
 * by chance of a seed. At the end the books are printed and must balance, every resident's statement must add up, and
 * every run must come out byte-equal when it is solved again.
 *
 *   npx tsx scripts/three-months.ts [--from ../shared/data/taipei-ltc] [--residents 1000] [--seed 1] [--rounds 20] [--rung embedded|postgres]
 *
 * Without --from, the generated town. Ends with 1 at the first thing that is not as it must be.
 */
import { parseArgs } from 'node:util'
import { settlePeriod } from '../src/features/settlement/settle-period.ts'
import { periodAfter } from '../src/platform/period.ts'
import { closeBooks } from './three-months/books.ts'
import { adopt, consult } from './three-months/consult.ts'
import { matchMonth, openPrograms, registerMonth } from './three-months/month.ts'
import { replayAll } from './three-months/replays.ts'
import {
  answerOffers,
  beginServices,
  carryOver,
  closeMonth,
  decideDisputes,
  deliver,
  disputeLate,
  programsInDispute,
} from './three-months/services.ts'
import { mustRefuse, settleMonth } from './three-months/settle.ts'
import { MONTHS, openStage, type Stage } from './three-months/stage.ts'
import { appeal, inspect, suspend } from './three-months/supervise.ts'

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    residents: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '20' },
    rung: { type: 'string', default: 'embedded' },
  },
})

const stage = await openStage({
  rung: values.rung === 'postgres' ? 'postgres' : 'embedded',
  residents: Number(values.residents),
  seed: Number(values.seed),
  rounds: Number(values.rounds),
  from: values.from,
})
try {
  await play(stage)
} finally {
  await stage.close()
}

async function play(stage: Stage): Promise<void> {
  console.log(
    `${stage.district.name}: ${stage.people.length} residents, ${stage.district.offerings.length} offerings`,
  )
  const runIds: string[] = []
  const programs = new Map<string, string[]>()
  let draft: { id: string; version: number } | null = null
  let adopted = ''
  for (const period of MONTHS) {
    console.log(period)
    if (draft && !adopted) adopted = await adopt(stage, draft)
    await registerMonth(stage, period)
    programs.set(period, await openPrograms(stage, period, runIds.at(-1) ?? null))
    const run = await matchMonth(stage, period)
    runIds.push(run.id)
    if (period === MONTHS[1]) await appeal(stage)
    await answerOffers(stage, 3)
    await beginServices(stage)
    if (period === MONTHS[1]) await suspend(stage)
    draft ??= await consult(stage, run.id)
    await deliver(stage)
    await closeMonth(stage, periodAfter(period))
    await settleEverything(stage, programs, period)
    await inspect(stage, period)
    await carryOver(stage)
  }
  console.log('replays')
  await replayAll(stage, runIds, adopted)
  console.log('books')
  await closeLastMonth(stage, programs)
  await closeBooks(stage)
}

/** The month's own programs, and those of earlier months, which may have something to correct. */
async function settleEverything(
  stage: Stage,
  programs: ReadonlyMap<string, string[]>,
  period: string,
): Promise<void> {
  const own = programs.get(period)!
  const open = await decideDisputesAfterRefusal(stage, own, period)
  for (const ids of programs.values()) await settleMonth(stage, ids, period)
  const late = await disputeLate(stage)
  console.log(`  disputes: ${open} decided before, ${late} after the settlement`)
}

/** While disputes are open the month cannot be closed. */
async function decideDisputesAfterRefusal(
  stage: Stage,
  programIds: readonly string[],
  period: string,
): Promise<number> {
  for (const programId of await programsInDispute(stage, programIds)) {
    await mustRefuse(() => settlePeriod(stage.treasurer, { programId, period }), 'state_conflict')
  }
  return decideDisputes(stage)
}

/** What was disputed after the last settlement is corrected in the month that follows. */
async function closeLastMonth(stage: Stage, programs: ReadonlyMap<string, string[]>): Promise<void> {
  const period = periodAfter(MONTHS.at(-1)!)
  stage.setClock(`${periodAfter(period)}-07T08:00:00Z`)
  for (const ids of programs.values()) await settleMonth(stage, ids, period)
  await carryOver(stage)
}
