import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { getFinding, listFindings } from '../../../src/features/supervision/list-findings.ts'
import { noteAttempt } from '../../../src/features/supervision/note-attempt.ts'
import { openFinding } from '../../../src/features/supervision/open-finding.ts'
import { findings } from '../../../src/features/supervision/tables.ts'
import { REACTIONS } from '../../../src/jobs.ts'
import { attempted } from '../../../src/platform/audit/attempted.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { Refusal, type RefusalCode } from '../../../src/platform/errors.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { engines } from '../../support/test-world.ts'
import { openWatchedTown, type WatchedTown } from './watched-town.ts'

describe.each(engines())('refused attempts on %s', (rung) => {
  let watched: WatchedTown
  let runId: string
  beforeAll(async () => {
    watched = await openWatchedTown(rung)
    runId = (await watched.parties.opened()).run.runId
  })
  afterAll(() => watched.world.close())

  /** Somebody is refused; what the job makes of it. */
  async function notedOf(actor: Actor, action: string, objectId: string, code: RefusalCode) {
    const { world } = watched
    const tried = attempted(world.context(actor), { action, objectId }, async () => {
      throw new Refusal(code, 'No.')
    })
    await expect(tried).rejects.toMatchObject({ code })
    const refused = await world.db.root
      .select()
      .from(events)
      .where(and(eq(events.type, 'attempt.refused'), eq(events.objectId, objectId)))
      .orderBy(events.position)
    const { id: eventId, data } = refused.at(-1)!
    const note = () =>
      inTransaction(world.context(SYSTEM), (ctx) =>
        noteAttempt(ctx, { eventId, objectId, data: data as Record<string, unknown> }),
      )
    // A queue may deliver twice.
    await note()
    await note()
    return world.db.root.select().from(findings).where(eq(findings.sourceId, eventId))
  }

  it('of a duty that conflicts are findings, once each, for the supervisors of the area', async () => {
    const { town, supervisor, elsewhere, world } = watched
    const noted = await notedOf(town.officer, 'run.approve', runId, 'duty_conflict')
    expect(noted).toMatchObject([
      {
        organizationId: null,
        respondentId: town.officer.organizationId,
        areaId: town.areaId,
        source: 'attempt',
        subjectKind: 'run',
        subjectId: runId,
        code: 'duty_conflict',
        severity: 'major',
        state: 'open',
      },
    ])
    const { id } = noted[0]!
    const { steps } = await getFinding(world.context(supervisor), id)
    expect(steps).toMatchObject([{ step: 'open', principalId: town.officer.principalId }])
    expect(await getFinding(world.context(town.officer), id)).toMatchObject({ id })
    await expect(getFinding(world.context(elsewhere), id)).rejects.toMatchObject({ code: 'not_found' })
  })

  const forbidden: [string, number][] = [
    ['run.approve', 1],
    ['program.amend', 1],
    ['match.exclude', 1],
    ['suspension.impose', 1],
    ['finding.close', 1],
    ['referral.accept', 0],
    ['run.start', 0],
  ]
  it.each(forbidden)('to %s without the role make %i findings', async (action, expected) => {
    const noted = await notedOf(watched.town.partner, action, runId, 'forbidden')
    expect(noted.map(({ severity }) => severity)).toEqual(expected ? ['minor'] : [])
  })

  it('of another kind, and at what is not there, stay in the audit log', async () => {
    const { town } = watched
    expect(await notedOf(town.officer, 'run.approve', runId, 'state_conflict')).toEqual([])
    expect(await notedOf(town.officer, 'run.approve', town.areaId, 'duty_conflict')).toEqual([])
  })

  it('set off the job that notes them', async () => {
    const { world, town, supervisor } = watched
    const ctx = { ...world.context(town.officer), reactions: REACTIONS }
    const about = { subjectKind: 'run', subjectId: runId, respondentId: town.officer.organizationId } as const
    const said = { code: 'other', severity: 'minor', text: 'Words' } as const
    await expect(openFinding(ctx, { ...about, ...said })).rejects.toMatchObject({ code: 'forbidden' })
    const asked = await world.db.root.select().from(jobs).where(eq(jobs.name, 'supervision.note_attempt'))
    expect(asked).toHaveLength(1)
    const { items } = await listFindings(world.context(supervisor), { limit: 50, source: 'attempt' })
    expect(items.every(({ organizationId }) => organizationId === null)).toBe(true)
  })
})
