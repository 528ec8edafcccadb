/** What leaves in an export: every record, in each form; confidential places as if they had no address. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BlobReader, TextWriter, ZipReader } from '@zip.js/zip.js'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { datapackage } from '../../../src/features/directory/datapackage.ts'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import type { DirectoryRecord } from '../../../src/features/directory/record.ts'
import { exportDirectory } from '../../../src/features/feeds/exports/export-directory.ts'
import { directorySink, jsonSink, zipSink } from '../../../src/features/feeds/exports/export-files.ts'
import { PUBLIC } from '../../../src/features/identity/permissions.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

const RULE = { all: [{ fact: 'age', op: 'gte', value: 65 }] }

const RECORDS: DirectoryRecord[] = [
  { kind: 'organization', id: id(1), fields: { name: 'Care "House"', description: 'line 1\r\nline 2, end' } },
  { kind: 'organization', id: id(2), fields: { name: '照顧', description: ' spaces ' } },
  {
    kind: 'service',
    id: id(3),
    fields: { name: 'Day care', status: 'active', organization_id: id(1), minimum_age: 64.5 },
  },
  {
    kind: 'location',
    id: id(4),
    fields: { location_type: 'physical', name: 'Station', latitude: 25.03, longitude: 121.5 },
  },
  {
    kind: 'location',
    id: id(5),
    fields: {
      location_type: 'physical',
      name: 'Shelter',
      latitude: 12.34,
      longitude: 98.76,
      visibility: 'confidential',
    },
  },
  {
    kind: 'location',
    id: id(6),
    fields: {
      location_type: 'physical',
      name: 'At home',
      latitude: 43.21,
      longitude: 67.89,
      address_of: 'person',
    },
  },
  ...[4, 5, 6].map(
    (location): DirectoryRecord => ({
      kind: 'address',
      id: id(10 + location),
      fields: {
        location_id: id(location),
        address_1: `Lane ${location}`,
        city: 'T',
        state_province: 'T',
        postal_code: '1',
        country: 'TW',
        address_type: 'physical',
      },
    }),
  ),
  {
    kind: 'metadata',
    id: id(20),
    fields: {
      resource_id: id(15),
      resource_type: 'address',
      last_action_date: '2026-01-01',
      last_action_type: 'update',
      field_name: 'address_1',
      previous_value: 'Old Lane 5',
      replacement_value: 'Lane 5',
      updated_by: 'x',
    },
  },
  {
    kind: 'service_at_location',
    id: id(7),
    fields: { service_id: id(3), location_id: id(4), eligibility: RULE, price: 100 },
  },
]

const CANARIES = ['Shelter', 'At home', '12.34', '98.76', '43.21', '67.89', 'Lane 5', 'Lane 6']

describe.each(engines())('an export on %s', (rung) => {
  let world: TestWorld
  const directory = mkdtempSync(join(tmpdir(), 'lifecircle-export-'))
  beforeAll(async () => {
    world = await openTestDb(rung)
    await inTransaction(world.context(), (ctx) => putRecords(ctx, RECORDS))
  })
  afterAll(async () => {
    rmSync(directory, { recursive: true })
    await world.close()
  })
  const reader = () => world.context(PUBLIC)

  it('has a file for each kind that has a record, and a descriptor of just these', async () => {
    const target = join(directory, 'package')
    const written = await exportDirectory(reader(), directorySink(target, datapackage))
    expect(written).toEqual({ organization: 2, service: 1, service_at_location: 1, location: 3, address: 1 })
    const files = readdirSync(target).toSorted()
    expect(files).toEqual([
      'addresses.csv',
      'datapackage.json',
      'locations.csv',
      'organizations.csv',
      'service_at_location.csv',
      'services.csv',
    ])
    const described = JSON.parse(readFileSync(join(target, 'datapackage.json'), 'utf8'))
    expect(described.resources.map(({ path }: { path: string }) => path).toSorted()).toEqual(
      files.filter((file) => file.endsWith('.csv')),
    )
    for (const { path, schema } of described.resources) {
      const [header] = parse(readFileSync(join(target, path)), { to: 1 }) as string[][]
      expect(header).toEqual(schema.fields.map(({ name }: { name: string }) => name))
    }
  })

  it('keeps every character, number and rule', async () => {
    const rows = (file: string) =>
      parse(readFileSync(join(directory, 'package', file)), { columns: true }) as Record<string, string>[]
    expect(rows('organizations.csv').map(({ name, description }) => [name, description])).toEqual([
      ['Care "House"', 'line 1\r\nline 2, end'],
      ['照顧', ' spaces '],
    ])
    expect(rows('services.csv')[0]).toMatchObject({ minimum_age: '64.5', organization_id: id(1) })
    expect(JSON.parse(rows('service_at_location.csv')[0]!.eligibility!)).toEqual(RULE)
  })

  it('says the same in a zip, and twice the same bytes', async () => {
    const [first, second] = [join(directory, '1.zip'), join(directory, '2.zip')]
    await exportDirectory(reader(), zipSink(first, datapackage))
    await exportDirectory(reader(), zipSink(second, datapackage))
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true)
    const zip = new ZipReader(new BlobReader(new Blob([readFileSync(first)])))
    for (const entry of await zip.getEntries()) {
      if (entry.directory) continue
      const text = await entry.getData(new TextWriter())
      expect(text).toBe(readFileSync(join(directory, 'package', entry.filename), 'utf8'))
    }
    await zip.close()
  })

  it('says the same in JSON', async () => {
    const target = join(directory, 'all.json')
    await exportDirectory(reader(), jsonSink(target))
    const files = JSON.parse(readFileSync(target, 'utf8'))
    expect(files['service_at_location.csv']).toEqual([
      { id: id(7), service_id: id(3), location_id: id(4), price: 100, eligibility: RULE },
    ])
    expect(files['organizations.csv']).toHaveLength(2)
  })

  it('tells of no confidential place where it is', () => {
    const texts = ['locations.csv', 'addresses.csv'].map((file) =>
      readFileSync(join(directory, 'package', file), 'utf8'),
    )
    texts.push(readFileSync(join(directory, 'all.json'), 'utf8'))
    for (const canary of CANARIES) for (const text of texts) expect(text).not.toContain(canary)
    expect(texts[0]!.match(/,confidential,/g)).toHaveLength(2)
  })

  it('of nothing is empty', async () => {
    const empty = await openTestDb(rung)
    const target = join(directory, 'nothing.json')
    expect(await exportDirectory(empty.context(PUBLIC), jsonSink(target))).toEqual({})
    expect(JSON.parse(readFileSync(target, 'utf8'))).toEqual({})
    await empty.close()
  })
})
