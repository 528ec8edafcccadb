/** Files that are no feed, each taken in as a command would: nothing in the directory is different afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type FeedWorld, openFeedWorld, smallFeed } from './feed-world.ts'
import { reportOf, takeFeed } from './whole-feeds.ts'

const DEEP = `${'{"services":['.repeat(300)}${']}'.repeat(300)}`
const HEADER = 'id,organization_id,name,status'

const FILES: [what: string, name: string, content: string | Buffer][] = [
  ['JSON of 300 levels', 'deep.json', DEEP],
  ['a service nested 300 levels deep', 'service.json', `{"id":"s1","name":"X","phones":${DEEP}}`],
  ['bytes that are no UTF-8', 'bytes.json', Buffer.from([0x7b, 0xff, 0xfe, 0x80, 0x7d])],
  ['a text cut off in a string', 'cut.json', '{"services.csv":[{"id":"s1","name":"Da'],
  ['a zip that is none', 'feed.zip', Buffer.from('PK\u0003\u0004 and then nothing')],
  ['nothing at all', 'services.csv', ''],
  [
    'columns cut at what stands nowhere',
    'services.csv',
    `${HEADER.replaceAll(',', '#')}\ns1#o1#New name#active\n`,
  ],
  ['a quote that never ends', 'services.csv', `${HEADER}\ns1,o1,"New name,active\n`],
]

describe.each(engines())('a feed that is none on %s', (rung) => {
  let world: FeedWorld
  let folder: string
  beforeAll(async () => {
    world = await openFeedWorld(rung)
    folder = mkdtempSync(join(tmpdir(), 'lifecircle-bad-feed-'))
    await world.take(smallFeed())
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true })
    await world.close()
  })

  const directory = () => world.db.root.select().from(directoryRecords)

  it.each(FILES)('such as %s leaves the directory as it was, and says so', async (_what, name, content) => {
    const before = await directory()
    const path = join(folder, name)
    writeFileSync(path, content)
    const said = await takeFeed(world, { feed: 'city', path }).then(
      async (row) => {
        expect(row.result.total).toMatchObject({ created: 0, updated: 0 })
        return (await reportOf(world, row)).map(({ reason }) => reason).join()
      },
      (error: Error) => error.message,
    )
    expect(said).not.toBe('')
    expect(said).not.toContain('unexpected')
    expect(await directory()).toEqual(before)
    expect(await world.leftovers()).toBe(0)
  })
})
