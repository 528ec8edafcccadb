import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { idsOf } from '../../../src/features/feeds/record-ids.ts'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type FeedWorld, openFeedWorld, smallFeed } from './feed-world.ts'

const SHARED = '11111111-1111-4111-8111-111111111111'
const NONE = { created: 0, updated: 0, unchanged: 0, refused: 0, missing: 0 }

describe.each(engines())('an import on %s', (rung) => {
  let world: FeedWorld
  beforeAll(async () => {
    world = await openFeedWorld(rung)
  })
  afterAll(() => world.close())

  it('creates, then changes nothing, then creates exactly the one new row', async () => {
    const first = await world.take(smallFeed())
    expect(first).toMatchObject({ state: 'done', failure: null, content: null })
    expect(first.result!.total).toEqual({ ...NONE, created: 5 })
    const second = await world.take(smallFeed())
    expect(second.result!.total).toEqual({ ...NONE, unchanged: 5 })
    const added = { id: 's2', organization_id: 'o1', name: 'Meals', status: 'active' }
    const third = await world.take(smallFeed([added]))
    expect(third.result!.total).toEqual({ ...NONE, created: 1, unchanged: 5 })
    expect(third.result!.kinds.service).toEqual({ ...NONE, created: 1, unchanged: 1 })
    const fourth = await world.take(smallFeed())
    expect(fourth.result!.total).toEqual({ ...NONE, unchanged: 5, missing: 1 })
    const ids = idsOf('city')
    expect((await world.records('phone'))[0]).toMatchObject({
      id: ids('phone', 't1'),
      fields: { service_id: ids('service', 's1'), number: '123' },
    })
    expect(await world.leftovers()).toBe(0)
  })

  it('writes an audit entry and an event for the feed', async () => {
    const { feedId, id } = await world.take(smallFeed(), { feed: 'audited' })
    const facts = { importId: id, created: 5, updated: 0, refused: 0 }
    const entries = await world.db.root.select().from(auditEntries).where(eq(auditEntries.objectId, feedId))
    expect(entries).toMatchObject([{ action: 'feed.import', facts }])
    const told = await world.db.root.select().from(events).where(eq(events.objectId, feedId))
    expect(told).toMatchObject([{ type: 'feed.imported', data: facts }])
  })

  it('accounts for every row: imported, or refused with place and reason', async () => {
    const tables = {
      ...smallFeed(),
      'services.csv': [
        { id: 's1', organization_id: 'o1', name: 'Day care', status: 'active' },
        { id: 's2', organization_id: 'o1', status: 'active' },
        { id: 's3', organization_id: 'o1', name: 'Meals', status: 'nobody knows' },
      ],
    }
    const row = await world.take(tables, { feed: 'rows' })
    expect(row.result!.files).toEqual([{ file: 'content', rows: 7, imported: 5, refused: 2 }])
    expect(row.result!.kinds.service).toEqual({ ...NONE, created: 1, refused: 2 })
    const flaws = await world.flaws(row.id)
    expect(flaws.filter((flaw) => (flaw as { outcome: string }).outcome === 'refused')).toMatchObject([
      { file: 'content', field: 'name' },
      { file: 'content', field: 'status', value: 'nobody knows' },
    ])
  })

  it('unites a record that two rows tell, and says where they differ', async () => {
    const row = await world.takeFiles(
      {
        'services.csv': 'id,organization_id,name,status\ns1,o1,Day care,active\ns1,o1,Day club,active\n',
        'organizations.csv': 'id,name,description\no1,House,Cares\n',
        'phones.csv': 'id,service_id,organization_id,number\nt1,s1,,5\nt1,,o1,5\n',
      },
      'twice',
    )
    expect(row.result!.total).toEqual({ ...NONE, created: 3 })
    expect(row.result!.files).toMatchObject([
      { file: 'organizations.csv', rows: 1, imported: 1 },
      { file: 'services.csv', rows: 2, imported: 1, refused: 1 },
      { file: 'phones.csv', rows: 2, imported: 1, refused: 1 },
    ])
    const ids = idsOf('twice')
    const [phone] = (await world.records('phone')).filter(({ id }) => id === ids('phone', 't1'))
    expect(phone!.fields).toMatchObject({
      service_id: ids('service', 's1'),
      organization_id: ids('organization', 'o1'),
    })
    expect(await world.flaws(row.id)).toMatchObject([
      { file: 'services.csv', line: 3, field: 'id', outcome: 'refused' },
      { file: 'phones.csv', line: 3, field: 'id', outcome: 'refused' },
      { file: 'services.csv', line: 3, field: 'name', value: 'Day club', outcome: 'kept' },
    ])
    const again = await world.takeFiles(
      { 'phones.csv': 'id,service_id,organization_id,number\nt1,,o1,5\nt1,s1,,5\n' },
      'twice',
    )
    expect(again.result!.total).toEqual({ ...NONE, unchanged: 1, missing: 2 })
  })

  it('keeps and flags a link to nothing, and leaves such a place out of matching', async () => {
    const tables = { 'service_at_location.csv': [{ id: 'p9', service_id: 's9', location_id: 'l9' }] }
    const row = await world.take(tables, { feed: 'orphans' })
    expect(row.result).toMatchObject({ total: { created: 1, refused: 0 }, offerings: 0 })
    const reason = 'names no record of the feed or the directory: kept, but not offered'
    expect(await world.flaws(row.id)).toMatchObject([
      { field: 'location_id', reason, value: idsOf('orphans')('location', 'l9'), outcome: 'kept' },
      { field: 'service_id', reason, outcome: 'kept' },
    ])
  })

  it('updates what changed, and counts the service of a changed detail as modified', async () => {
    await world.take(smallFeed(), { feed: 'changing' })
    const [before] = await service('changing')
    world.clock.advance(60_000)
    const tables = { ...smallFeed(), 'phones.csv': [{ id: 't1', service_id: 's1', number: '456' }] }
    const row = await world.take(tables, { feed: 'changing' })
    expect(row.result!.total).toEqual({ ...NONE, updated: 1, unchanged: 4 })
    const [after] = await service('changing')
    expect(after!.modifiedAt.getTime()).toBe(before!.modifiedAt.getTime() + 60_000)
    expect(after!.position).toBe(before!.position)
  })

  const service = (feed: string) =>
    world.db.root
      .select()
      .from(directoryRecords)
      .where(eq(directoryRecords.id, idsOf(feed)('service', 's1')))

  it('leaves records of another feed, and those published here, as they are', async () => {
    const unit = (name: string) => ({ 'units.csv': [{ id: SHARED, name }] })
    await world.take(unit('place'), { feed: 'first' })
    const same = await world.take(unit('place'), { feed: 'second' })
    expect(same.result!.total).toEqual({ ...NONE, unchanged: 1 })
    const other = await world.take(unit('bed'), { feed: 'second' })
    expect(other.result).toMatchObject({
      total: { refused: 1, updated: 0 },
      files: [{ rows: 1, refused: 1 }],
    })
    expect(await world.flaws(other.id)).toMatchObject([
      { field: 'id', reason: 'the unit belongs to another feed: not changed', value: SHARED },
    ])
    await inTransaction(world.system, (ctx) =>
      putRecords(ctx, [{ kind: 'program', id: SHARED, fields: { name: 'Ours', description: 'Ours' } }]),
    )
    const program = { id: SHARED, organization_id: SHARED, name: 'Theirs', description: 'Theirs' }
    const taken = await world.take({ 'programs.csv': [program] }, { feed: 'second' })
    expect(await world.flaws(taken.id)).toMatchObject([
      { reason: 'the program was published here: feeds do not change it', outcome: 'refused' },
    ])
    expect((await world.records('program')).map(({ fields }) => fields.name)).toEqual(['Ours'])
  })

  it('in a dry run says what it would do, and writes nothing', async () => {
    await world.take(smallFeed(), { feed: 'rehearsed' })
    const tables = {
      ...smallFeed([{ id: 's2', organization_id: 'o1', name: 'Meals', status: 'active' }]),
      'phones.csv': [{ id: 't1', service_id: 's1', number: '456' }],
    }
    const before = await world.db.root.select().from(directoryRecords)
    const dry = await world.take(tables, { feed: 'rehearsed', dryRun: true })
    expect(await world.db.root.select().from(directoryRecords)).toEqual(before)
    expect(dry.result!.total).toEqual({ ...NONE, created: 1, updated: 1, unchanged: 4 })
    const number = { field: 'number', before: '123', after: '456' }
    expect(dry.result!.changes).toMatchObject([
      { kind: 'service', change: 'create' },
      { kind: 'phone', change: 'update', fields: [number] },
    ])
    const { changes: _changes, ...promised } = dry.result!
    expect((await world.take(tables, { feed: 'rehearsed' })).result).toEqual(promised)
    expect(await world.leftovers()).toBe(0)
  })

  it('binds a provider to its own organization', async () => {
    const { organizationId } = world.provider.actor
    const tables = {
      'organizations.csv': [
        { id: 'me', name: 'Care House', description: 'Cares' },
        { id: 'else', name: 'Another', description: 'Other' },
      ],
      'services.csv': [
        { id: 's1', organization_id: 'me', name: 'Day care', status: 'active' },
        { id: 's2', organization_id: 'else', name: 'Theirs', status: 'active' },
      ],
      'phones.csv': [
        { id: 't1', service_id: 's1', number: '1' },
        { id: 't2', service_id: 's2', number: '2' },
        { id: 't3', service_id: idsOf('city')('service', 's1'), number: '3' },
      ],
    }
    const row = await world.take(tables, { feed: 'own', ownSourceId: 'me' }, world.provider)
    expect(row.result!.total).toEqual({ ...NONE, created: 3, refused: 4 })
    expect(row.result!.files).toMatchObject([{ rows: 7, imported: 3, refused: 4 }])
    const reasons = (await world.flaws(row.id)).map((flaw) => (flaw as { reason: string }).reason)
    expect(reasons).toEqual([
      'the organization is of another organization',
      'the service is of another organization',
      'the phone names a record that is not of this organization',
      'the phone names a record that is not of this organization',
    ])
    const organizations = await world.records('organization')
    expect(organizations.some(({ id }) => id === organizationId)).toBe(true)
  })

  it('gives organizations without a sector that of the feed', async () => {
    const { id } = await createOrganization(world.operator, { kind: 'provider', name: 'X', sector: 'ngo' })
    const given = [
      { id, name: 'A', description: 'A', sector: 'market' },
      { id: 'b', name: 'B', description: 'B' },
    ]
    await world.take({ 'organizations.csv': given }, { feed: 'sectors', sector: 'government' })
    const sectors = (await world.records('organization')).filter(({ fields }) =>
      /^[AB]$/.test(String(fields.name)),
    )
    expect(sectors.map(({ fields }) => fields.sector).sort()).toEqual(['government', 'market'])
  })
})
