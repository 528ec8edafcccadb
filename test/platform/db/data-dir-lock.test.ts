import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEmbedded } from '../../../src/platform/db/embedded.ts'
import { kill, saying, startProcess } from '../../support/processes.ts'

const HOLDER = new URL('./programs/hold-data-dir.ts', import.meta.url)

describe('the lock on the data directory', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lifecircle-lock-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('refuses a second process with a sentence, and follows on a killed one', async () => {
    const holder = startProcess(HOLDER, [directory])
    await saying(holder, 'holding')
    await expect(openEmbedded(directory)).rejects.toMatchObject({
      code: 'data_dir_locked',
      message: expect.stringMatching(
        new RegExp(
          `^The data directory ${directory} is in use by process ${holder.pid} on .+\\. Stop that process`,
        ),
      ),
    })
    await kill(holder)
    const db = await openEmbedded(directory)
    const { rows } = (await db.root.execute(sql`select what from kept`)) as unknown as { rows: unknown[] }
    expect(rows).toEqual([{ what: 'written before the kill' }])
    await db.close()
  })

  it('of another host stays, and the sentence says what to do where that host is gone', async () => {
    const lock = join(directory, 'lock')
    await writeFile(lock, JSON.stringify({ pid: 1, host: 'container-before', started: null }))
    await expect(openEmbedded(directory)).rejects.toMatchObject({
      code: 'data_dir_locked',
      message: expect.stringContaining(`If that host is gone, delete ${lock}.`),
    })
  })

  it('refuses the same process a second time, and gives the lock back on close', async () => {
    const first = await openEmbedded(directory)
    await expect(openEmbedded(directory)).rejects.toMatchObject({ code: 'data_dir_locked' })
    await first.close()
    await expect(stat(join(directory, 'lock'))).rejects.toMatchObject({ code: 'ENOENT' })
    await (await openEmbedded(directory)).close()
  })
})
