/** A town with supervisors: one of everything, one of another body, and one whose area is elsewhere. */
import { eq } from 'drizzle-orm'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { principals } from '../../../src/features/identity/tables.ts'
import type { OpenFinding } from '../../../src/features/supervision/finding-schemas.ts'
import type { FindingRow } from '../../../src/features/supervision/list-findings.ts'
import { openFinding } from '../../../src/features/supervision/open-finding.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { openTestDb, type Rung, type TestWorld } from '../../support/test-world.ts'
import { Parties } from '../referrals/opened-referral.ts'
import { employ, foundTown, insertArea, organize, type Town } from '../referrals/proposed-run.ts'

export interface WatchedTown {
  world: TestWorld
  town: Town
  parties: Parties
  supervisor: Actor
  /** Of another body, everywhere. */
  second: Actor
  /** Looks after another area. */
  elsewhere: Actor
}

export async function openWatchedTown(rung: Rung = 'embedded'): Promise<WatchedTown> {
  const world = await openTestDb(rung)
  const town = await foundTown(world)
  return inTransaction(world.context(SYSTEM), async (ctx) => {
    const second = await employ(ctx, await organize(ctx, 'supervisor'), 'supervisor')
    const areaId = await insertArea(ctx)
    const third = await employ(ctx, await organize(ctx, 'supervisor'), 'supervisor')
    await ctx.tx.update(principals).set({ areaId }).where(eq(principals.id, third.principalId))
    const { supervisor } = town
    const elsewhere = { ...third, areaId }
    return { world, town, parties: new Parties(world, town), supervisor, second, elsewhere }
  })
}

/** A finding about a referral, which its provider has to answer. */
export function findingAbout(
  { world, town, supervisor }: WatchedTown,
  referralId: string,
  more: Partial<OpenFinding> = {},
): Promise<FindingRow> {
  return openFinding(world.context(supervisor), {
    subjectKind: 'referral',
    subjectId: referralId,
    respondentId: town.provider.organizationId,
    code: 'records_wrong',
    severity: 'minor',
    text: 'A date is missing.',
    ...more,
  })
}

/** The last that was told of an object. */
export async function lastTold({ world }: WatchedTown, objectId: string) {
  const rows = await world.db.root
    .select()
    .from(events)
    .where(eq(events.objectId, objectId))
    .orderBy(events.position)
  return rows.at(-1)!
}
