/** Whatever goes wrong with an import leaves the directory as it was, and the next try begins anew. */
import { eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { getImport } from '../../../src/features/feeds/list-imports.ts'
import {
  type Performance,
  performImport,
  performImportJob,
} from '../../../src/features/feeds/perform-import.ts'
import { stagingTableOf } from '../../../src/features/feeds/staged-columns.ts'
import { orderImport, startImport } from '../../../src/features/feeds/start-import.ts'
import { imports } from '../../../src/features/feeds/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { refusalOf } from '../communities/neighborhood.ts'
import { type FeedWorld, openFeedWorld, performing, smallFeed } from './feed-world.ts'

describe.each(engines())('an import that fails on %s', (rung) => {
  let world: FeedWorld
  let before: unknown
  beforeAll(async () => {
    world = await openFeedWorld(rung)
    await world.take(smallFeed())
    before = await directory()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    expect(await directory()).toEqual(before)
    expect(await world.leftovers()).toBe(0)
  })

  const directory = () => world.db.root.select().from(directoryRecords)
  const changed = { ...smallFeed(), 'phones.csv': [{ id: 't1', service_id: 's1', number: '456' }] }
  const order = (content: string, feed = 'city') => startImport(world.system, { feed, content })
  const perform = (id: string, more: Partial<Performance> = {}) =>
    performImport(world.system, id, performing(world.system, more))
  const giveUp = (id: string) =>
    inTransaction(world.system, (ctx) =>
      performImportJob.onGivenUp!(
        ctx,
        { importId: id },
        'The job failed for an unexpected reason; see the log.',
      ),
    )

  it.each([
    ['is cut off', JSON.stringify(smallFeed()).slice(0, -9), 'ends in the middle'],
    ['is nested 300 levels deep', `${'['.repeat(300)}${']'.repeat(300)}`, 'nested'],
    ['is no feed at all', 'nothing', 'nothing in it that could be read'],
  ])('because it %s: says so, once', async (_, content, sentence) => {
    const { id } = await order(content)
    await perform(id)
    const row = await getImport(world.system, id)
    expect(row).toMatchObject({ state: 'failed', failure: expect.stringContaining(sentence), content: null })
  })

  it('because its address is private', async () => {
    const { id } = await startImport(world.system, { feed: 'city', url: 'http://127.0.0.1:9/feed.json' })
    await perform(id)
    const row = await getImport(world.system, id)
    expect(row).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('not on the public internet'),
    })
  })

  it('because its address does not answer: is tried again, then given up', async () => {
    const { id } = await startImport(world.system, { feed: 'city', url: 'http://nowhere.invalid/feed.json' })
    expect(await refusalOf(perform(id))).toMatchObject({ code: 'unavailable' })
    expect((await getImport(world.system, id)).state).toBe('running')
    await giveUp(id)
    expect((await getImport(world.system, id)).state).toBe('failed')
  })

  it('because the process stops while it reads, and then while it applies', async () => {
    const { id } = await order(JSON.stringify(changed))
    const stopped = new AbortController()
    const onProgress = () => stopped.abort(new Error('The process is stopping.'))
    await expect(perform(id, { signal: stopped.signal, onProgress })).rejects.toThrow('stopping')
    expect(await directory()).toEqual(before)
    const halfway: Performance['finish'] = (work) =>
      inTransaction(world.system, async (ctx) => {
        await work(ctx)
        throw new Error('The process was killed before the commit.')
      })
    await expect(perform(id, { finish: halfway })).rejects.toThrow('killed')
    expect(await directory()).toEqual(before)
    await perform(id)
    expect((await getImport(world.system, id)).result!.total).toMatchObject({ updated: 1, unchanged: 4 })
    await world.take(smallFeed())
    before = await directory()
  })

  it('because the staged records are lost, as by a crash of the server', async () => {
    const { id } = await order(JSON.stringify(changed))
    const table = sql.identifier(stagingTableOf(id))
    const finish: Performance['finish'] = (work) =>
      inTransaction(world.system, async (ctx) => {
        await ctx.tx.execute(sql`truncate ${table}`)
        await work(ctx)
        return true
      })
    await expect(perform(id, { finish })).rejects.toThrow('not those that were read')
    await giveUp(id)
  })

  it('because another import of the feed is under way', async () => {
    const { id } = await order('[]')
    expect(await refusalOf(order('[]'))).toMatchObject({ code: 'duplicate' })
    expect((await order('[]', 'another')).state).toBe('queued')
    await giveUp(id)
  })

  it('because its command was killed: the next command takes over', async () => {
    const ordered = { feed: 'city', source: { format: 'auto' as const, path: '.' }, content: null, map: null }
    const attended = () =>
      inTransaction(world.system, (ctx) => orderImport(ctx, { ...ordered, dryRun: true, attended: true }))
    const killed = await attended()
    expect(await refusalOf(order('[]'))).toMatchObject({ code: 'duplicate' })
    const next = await attended()
    expect((await getImport(world.system, killed.id)).state).toBe('failed')
    await inTransaction(world.system, (ctx) => ctx.tx.delete(imports).where(eq(imports.id, next.id)))
  })

  it('because its order is flawed', async () => {
    const flawed = (more: object) => refusalOf(startImport(world.system, { feed: 'city', ...more }))
    expect(await flawed({})).toMatchObject({ code: 'invalid_input', pointers: ['/url'] })
    expect(await flawed({ content: '[]', url: 'https://example.org' })).toMatchObject({ pointers: ['/url'] })
    expect(await flawed({ url: 'ftp://example.org/' })).toMatchObject({ pointers: ['/url'] })
    expect(await flawed({ content: 'a\0b' })).toMatchObject({ pointers: ['/content'] })
    expect(await flawed({ content: '[]', feed: '../up' })).toMatchObject({ pointers: ['/feed'] })
    const map = { format: 'lifecircle-column-map/1', name: 'x', sets: {}, files: [] }
    expect(await flawed({ content: 'a,b', map })).toMatchObject({ pointers: ['/map/files'] })
    const byProvider = startImport(world.provider, { feed: 'mine', content: 'a,b', map })
    expect(await refusalOf(byProvider)).toMatchObject({ code: 'forbidden' })
    const foreign = startImport(world.provider, { feed: 'city', content: '[]' })
    expect(await refusalOf(foreign)).toMatchObject({ code: 'not_found' })
  })
})
