/** Our own API, served over HTTP, imported into another world as any live HSDS API is. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appOver, type Send, sender } from '../../app/api-world.ts'
import { openTestDb, type TestWorld } from '../../support/test-world.ts'
import { validateEverything } from '../directory/conformance.ts'
import { exportJson, OHANA, reportOf, takeFeed } from './whole-feeds.ts'

const absent = !existsSync(OHANA)
if (absent) console.warn('skipped: the live import needs ../shared/data/ohana-sample beside the checkout')

describe.skipIf(absent)('the Ohana sample', () => {
  let here: TestWorld
  let there: TestWorld
  let server: Server
  let url: string
  let folder: string
  beforeAll(async () => {
    here = await openTestDb()
    there = await openTestDb()
    folder = mkdtempSync(join(tmpdir(), 'lifecircle-live-'))
    await takeFeed(here, { feed: 'ohana', path: OHANA })
    server = serve({ fetch: appOver(here).fetch, hostname: '127.0.0.1', port: 0 }) as Server
    if (!server.listening) await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hsds`
  })
  afterAll(async () => {
    await new Promise((done) => server.close(done))
    rmSync(folder, { recursive: true })
    await Promise.all([here.close(), there.close()])
  })

  it('answers every request of HSDS as the standard’s schemas say', async () => {
    const { totals } = await validateEverything(appOver(here).request, { every: 7 })
    expect(totals).toMatchObject({ '/hsds/services': 23, '/hsds/organizations': 8 })
  })

  it('comes over from the live API: the same answers, and nothing new the second time', async () => {
    const row = await takeFeed(there, { feed: 'live', url })
    const report = await reportOf(there, row)
    expect(report).toEqual([])
    expect(row.result.total).toMatchObject({ updated: 0, refused: 0 })
    const [from, to]: Send[] = [sender(appOver(here)), sender(appOver(there))]
    for (const list of [
      'services',
      'organizations',
      'service_at_locations',
      'taxonomies',
      'taxonomy_terms',
    ]) {
      const path = `/hsds/${list}?per_page=500`
      const [one, other] = [await from!(null, 'GET', path), await to!(null, 'GET', path)]
      expect(other.body, list).toEqual(one.body)
      for (const { id } of one.body.contents.slice(0, 30)) {
        const single = `/hsds/${list}/${id}`
        const answers = [await from!(null, 'GET', single), await to!(null, 'GET', single)]
        expect(answers[1]!.body, single).toEqual(answers[0]!.body)
      }
    }
    const again = await takeFeed(there, { feed: 'live', url })
    const { created } = row.result.total
    expect(again.result.total).toMatchObject({ created: 0, updated: 0, unchanged: created, missing: 0 })
    await exportJson(here, join(folder, '1.json'))
    await exportJson(there, join(folder, '2.json'))
    const kinds = (name: string) =>
      Object.entries(JSON.parse(readFileSync(join(folder, name), 'utf8'))).map(([file, rows]) => [
        file,
        (rows as object[]).length,
      ])
    expect(kinds('2.json')).toEqual(kinds('1.json'))
  })
})
